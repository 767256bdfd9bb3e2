/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/image.h"

#include "base/text.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Set by the linker: the header of the program that this is part of, and so what a plugin has to fit. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static const struct machine {
    uint16_t number;
    const char *name;
} machines[] = {
    {EM_X86_64, "x86_64"}, {EM_386, "i386"},      {EM_AARCH64, "aarch64"}, {EM_ARM, "arm"},
    {EM_RISCV, "riscv"},   {EM_PPC64, "ppc64"},   {EM_PPC, "ppc"},         {EM_S390, "s390"},
    {EM_MIPS, "mips"},     {EM_SPARCV9, "sparc"}, {258, "loongarch"},
};

/* More bytes of a foreign file than this tell nobody more. */
static const size_t shown_bytes = 24;

static int fail_foreign(const char *data, size_t size, struct error *error)
{
    struct text shown = text_empty();
    int result;

    if (size == 0)
        return error_set(
            error, ERROR_INVALID,
            "not a shared object: the file is empty, expected an ELF file as made by cc -shared");
    for (size_t i = 0; i < size && i < shown_bytes; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c == '\n')
            break;
        if (c == '"' || c == '\\' || c < 0x20 || c >= 0x7f)
            text_append_format(&shown, "\\x%02x", c);
        else
            text_append(&shown, &data[i], 1);
    }
    result = error_set(error, ERROR_INVALID,
                       "not a shared object: begins with \"%s\", expected an ELF file as made by cc -shared",
                       shown.data);
    text_release(&shown);
    return result;
}

/* The field stands at one place in all classes, but in the byte order that the header tells. */
static uint16_t machine_of(const char *data)
{
    uint16_t number;

    memcpy(&number, data + offsetof(ElfW(Ehdr), e_machine), sizeof number);
    if (data[EI_DATA] != (char)__ehdr_start.e_ident[EI_DATA])
        number = (uint16_t)(number << 8 | number >> 8);
    return number;
}

static void describe(struct text *out, uint16_t number, int class, int order)
{
    const char *name = NULL;

    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        if (machines[i].number == number)
            name = machines[i].name;
    }
    if (name)
        text_append_string(out, name);
    else
        text_append_format(out, "machine number %u", number);
    if (class != __ehdr_start.e_ident[EI_CLASS])
        text_append_format(out, " with %d bits", class == ELFCLASS32 ? 32 : 64);
    if (order != __ehdr_start.e_ident[EI_DATA])
        text_append_format(out, ", %s-endian", order == ELFDATA2LSB ? "little" : "big");
}

static int check_machine(const char *data, struct error *error)
{
    const unsigned char *own = __ehdr_start.e_ident;
    struct text found = text_empty();
    struct text wanted = text_empty();
    int result;

    if (machine_of(data) == __ehdr_start.e_machine && data[EI_CLASS] == (char)own[EI_CLASS] &&
        data[EI_DATA] == (char)own[EI_DATA])
        return 0;
    describe(&found, machine_of(data), data[EI_CLASS], data[EI_DATA]);
    describe(&wanted, __ehdr_start.e_machine, own[EI_CLASS], own[EI_DATA]);
    result = error_set(error, ERROR_INVALID, "built for %s, this is %s: expected a plugin built for %s",
                       found.data, wanted.data, wanted.data);
    text_release(&found);
    text_release(&wanted);
    return result;
}

static int check_type(unsigned type, struct error *error)
{
    static const char *const names[] = {"an ELF file without a type", "a relocatable object (.o)",
                                        "an executable", "a shared object", "a core dump"};

    if (type == ET_DYN)
        return 0;
    return error_set(error, ERROR_INVALID, "%s, expected a shared object as made by cc -shared",
                     type < sizeof names / sizeof *names ? names[type] : "an ELF file of unknown type");
}

static int check_range(const char *what, uint64_t offset, uint64_t length, size_t size, struct error *error)
{
    if (length <= size && offset <= size - length)
        return 0;
    return error_set(error, ERROR_INVALID,
                     "truncated: has %zu bytes, its %s are expected at %llu to %llu; copy it again", size,
                     what, (unsigned long long)offset, (unsigned long long)(offset + length));
}

static int check_segments(const ElfW(Ehdr) * header, const char *data, size_t size, struct error *error)
{
    const uint64_t length = (uint64_t)header->e_phnum * sizeof(ElfW(Phdr));
    int result;

    if (header->e_phnum == 0 || header->e_phentsize != sizeof(ElfW(Phdr)))
        return error_set(error, ERROR_INVALID,
                         "damaged: %u program headers of %u bytes, expected at least 1 of %zu bytes",
                         header->e_phnum, header->e_phentsize, sizeof(ElfW(Phdr)));
    result = check_range("program headers", header->e_phoff, length, size, error);
    for (size_t i = 0; result == 0 && i < header->e_phnum; i++) {
        ElfW(Phdr) segment;

        memcpy(&segment, data + header->e_phoff + i * sizeof segment, sizeof segment);
        result = check_range("segments", segment.p_offset, segment.p_filesz, size, error);
    }
    return result;
}

int image_check(const char *data, size_t size, struct error *error)
{
    ElfW(Ehdr) header;
    int result;

    if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0)
        return fail_foreign(data, size, error);
    result = check_range("ELF header's bytes", 0, sizeof header, size, error);
    if (result == 0)
        result = check_machine(data, error);
    if (result != 0)
        return result;
    memcpy(&header, data, sizeof header);
    result = check_type(header.e_type, error);
    if (result == 0)
        result = check_segments(&header, data, size, error);
    if (result == 0 && header.e_shoff > 0)
        result = check_range("section headers", header.e_shoff, (uint64_t)header.e_shnum * header.e_shentsize,
                             size, error);
    return result;
}
