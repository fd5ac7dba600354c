/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Files that people take for a model, told by how they begin. Signatures: .ZIP File Format
 * Specification 4.3.7, RFC 1952 (gzip), RFC 8878 (Zstandard), the xz and bzip2 formats,
 * safetensors' README; the magics before GGUF are those of llama.cpp's
 * convert_llama_ggml_to_gguf.py.
 */
#include "gguf_read.h"

#include <string.h>

#define LOOKED_AT 4096u /* bytes */

#define GIVE    ": give a .gguf model"
#define CONVERT ": convert the model to GGUF with llama.cpp's convert_hf_to_gguf.py"

static const struct {
    const char *begin;
    size_t size; /* bytes of it */
    const char *what;
} signatures[] = {
    {"version https://git-lfs", 23,
     "it is a git-lfs pointer, not the model itself: run `git lfs pull`"},
    {"PK\3\4", 4, "it is a ZIP archive, as PyTorch's checkpoints are" CONVERT},
    {"\x80\2", 2, "it is a Python pickle, as old PyTorch checkpoints are" CONVERT},
    {"\x1f\x8b", 2, "it is compressed with gzip: unpack it first"},
    {"\x28\xb5\x2f\xfd", 4, "it is compressed with zstd: unpack it first"},
    {"\xfd"
     "7zXZ",
     5, "it is compressed with xz: unpack it first"},
    {"BZh", 3, "it is compressed with bzip2: unpack it first"},
    {"lmgg", 4, "it is a ggml model, older than GGUF: convert the original model again"},
    {"fmgg", 4, "it is a ggmf model, older than GGUF: convert the original model again"},
    {"tjgg", 4, "it is a ggjt model, older than GGUF: convert the original model again"},
    {"\xff\xfe", 2, "it is a UTF-16 text" GIVE},
    {"\xfe\xff", 2, "it is a UTF-16 text" GIVE},
    {"<!DOCTYPE", 9, "it is a web page, perhaps one that asks for a login: download the model"},
    {"<!doctype", 9, "it is a web page, perhaps one that asks for a login: download the model"},
    {"<html", 5, "it is a web page, perhaps one that asks for a login: download the model"},
};

/* | length of a JSON header u64 | { ... */
static bool is_safetensors(const uint8_t *data, uint64_t size) {
    uint64_t header = 0;
    for (unsigned i = 0; i < 8 && size > 8; i++)
        header |= (uint64_t)data[i] << (8 * i);
    return size > 8 && data[8] == '{' && header > 1 && header <= size - 8;
}

static bool is_text_byte(uint8_t c) {
    return (c >= 0x20 && c != 0x7f) || (c >= '\b' && c <= '\r') || c == 0x1b;
}

/* Every second byte from `first` on is zero and the others are text. */
static bool is_wide_text(const uint8_t *data, uint64_t size, uint64_t zero) {
    for (uint64_t i = 0; i < size; i++)
        if (i % 2 == zero ? data[i] != 0 : !is_text_byte(data[i]))
            return false;
    return size >= 8;
}

const char *gguf_foreign(const uint8_t *data, uint64_t size) {
    const uint64_t looked = size < LOOKED_AT ? size : LOOKED_AT;
    uint64_t text = 0, zeros = 0;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (size >= signatures[i].size &&
            memcmp(data, signatures[i].begin, signatures[i].size) == 0)
            return signatures[i].what;
    if (is_safetensors(data, size))
        return "it is a safetensors file" CONVERT;
    while (text < looked && is_text_byte(data[text]))
        text++;
    while (zeros < looked && data[zeros] == 0)
        zeros++;
    if (text == looked)
        return "it is a text file" GIVE;
    if (zeros == looked)
        return "it begins with zeros, as an unfinished download does: download it again";
    if (is_wide_text(data, looked, 0) || is_wide_text(data, looked, 1))
        return "it is a UTF-16 text" GIVE;
    return "no GGUF magic at byte 0" GIVE;
}
