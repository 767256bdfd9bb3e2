/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml - YAML to JSON values and back
 *
 * Reads the JSON schema of YAML 1.2 over libyaml's events, one document at a time. What different YAML
 * readers understand differently is an error instead of a guess: yes/no/on/off/y/n without quotes, numbers
 * with a leading zero or underscores, duplicate keys, merge keys, tags, anchors and aliases. Any encoding
 * but UTF-8 is an error. JSON is YAML, but a text that begins with '{' or '[' is first tried as JSON.
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include "base/error.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>

/** Limits of one text; each has an error of its own. */
struct yaml_limits {
    size_t bytes;     /**< of the whole text */
    size_t documents; /**< in the text */
    size_t values;    /**< lists, mappings and scalars in the text, but for keys; 0: no limit */
    unsigned depth;   /**< of nested lists and mappings */
};

/** Limits of an input or config file: 1 MiB, 1,000 documents, 100,000 values (an empty mapping
 * takes three bytes of text and a hundred times that of memory), 64 levels. Static. */
extern const struct yaml_limits yaml_file_limits;

/** Where something stands in a text: both from 1; 0 if not known. Columns count characters. */
struct yaml_mark {
    size_t line;
    size_t column;
};

/**
 * Called for each document that is not empty.
 *
 * @param document  borrowed; json_incref() to keep it.
 * @param number    number of the document in the text, from 0; empty documents count.
 * @param line      line on which it begins, from 1.
 * @return 0 to go on; anything else stops the reading and is returned by yaml_read().
 */
typedef int (*yaml_document_fn)(json_t *document, size_t number, size_t line, void *payload);

/**
 * Reads all documents of a text.
 *
 * @param mark   on failure set to the place of the error; NULL is fine.
 * @param error  the message does not repeat the place.
 * @return 0, what `visit` returned, ERROR_INVALID, ERROR_LIMIT or ERROR_NO_MEMORY. After an error the
 *         documents before it have been visited: a caller that wants all or nothing collects them first.
 */
int yaml_read(const char *data, size_t size, const struct yaml_limits *limits, yaml_document_fn visit,
              void *payload, struct yaml_mark *mark, struct error *error);

/**
 * Reads a text that holds exactly one document; an empty text gives JSON null.
 *
 * @return owned by caller, for json_decref(); NULL on failure.
 */
json_t *yaml_read_one(const char *data, size_t size, const struct yaml_limits *limits, struct yaml_mark *mark,
                      struct error *error);

/**
 * Finds the place of a path in a text, so that good input pays nothing for places.
 *
 * @param document  number of the document, from 0.
 * @param path      "spec.authentication[1].jwt"; a name that holds a dot, a bracket or a quote is written
 *                  ["like.this"]. Where the path does not exist, the deepest part that does counts.
 * @return the place of the value's key or, in a list, of the element; {0, 0} if the text cannot be read.
 */
struct yaml_mark yaml_locate(const char *data, size_t size, size_t document, const char *path);

/** Appends a text in double quotes as YAML has them, for a document, a path or a sentence: one line, what
 * cannot be shown escaped. */
void yaml_quote(struct text *out, const char *data, size_t size);

/** Appends a member's name to a path in the form that yaml_locate() reads. */
void yaml_path_append(struct text *path, const char *name);

/**
 * Appends a value as a block-style document without "---". Members keep their order. What is written is
 * read back equal by this module, by YAML 1.1 and by YAML 1.2 readers.
 *
 * @return 0, or ERROR_NO_MEMORY.
 */
int yaml_write(const json_t *value, struct text *out, struct error *error);

#endif
