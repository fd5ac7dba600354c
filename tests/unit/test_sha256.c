/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * SHA-256: the examples of FIPS 180-4, messages of every length around a block in pieces of every
 * size, and, where the system has sha256sum, its digests of them.
 */
#include <string.h>

#include "csrc/base/sha256.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

static void digest(const void *data, size_t size, size_t piece, char hex[SHA256_HEX]) {
    struct sha256 sum;
    sha256_start(&sum);
    for (size_t at = 0; at < size; at += piece)
        sha256_add(&sum, (const char *)data + at, size - at < piece ? size - at : piece);
    sha256_finish(&sum, hex);
}

/* SHA256ShortMsg and SHA256LongMsg in the words of the examples that go with FIPS 180-4. */
static void test_vectors(struct host_test *t) {
    static char million[1000000];
    memset(million, 'a', sizeof million);
    const struct {
        const char *text, *hex;
        size_t size;
    } vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 56},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrl"
         "mnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1", 112},
        {million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
         sizeof million},
    };
    char hex[SHA256_HEX];
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        digest(vectors[i].text, vectors[i].size, 1u << 20, hex);
        CHECK(t, strcmp(hex, vectors[i].hex) == 0, "vector %zu: %s", i, hex);
    }
}

static void test_pieces(struct host_test *t) {
    char data[200], whole[SHA256_HEX], pieces[SHA256_HEX], before[SHA256_HEX] = "";
    uint64_t random = 1;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)random_below(&random, 256);
    for (size_t size = 0; size <= sizeof data; size++) {
        digest(data, size, sizeof data, whole);
        for (size_t piece = 1; piece <= 130; piece += piece < 8 ? 1 : 13) {
            digest(data, size, piece, pieces);
            CHECK(t, strcmp(whole, pieces) == 0, "%zu bytes in pieces of %zu", size, piece);
        }
        CHECK(t, strcmp(whole, before) != 0, "%zu bytes as one less", size);
        memcpy(before, whole, sizeof before);
    }
}

static void test_system(struct host_test *t) {
    static const char path[] = "build/tests/sha256/bin";
    char data[300], hex[SHA256_HEX], theirs[SHA256_HEX] = "";
    uint64_t random = 2;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)random_below(&random, 256);
    for (size_t size = 50; size <= sizeof data; size += 25) {
        FILE *file = fopen(path, "wb");
        CHECK(t, file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0, "write");
        FILE *sum = popen("sha256sum build/tests/sha256/bin", "r");
        CHECK(t, sum != NULL && fread(theirs, 1, 64, sum) == 64, "sha256sum");
        if (sum != NULL)
            pclose(sum);
        digest(data, size, 64, hex);
        CHECK(t, strcmp(hex, theirs) == 0, "%zu bytes: %s, sha256sum: %s", size, hex, theirs);
    }
    unlink(path);
}

int main(void) {
    struct host_test t = {"sha256", 0, 0};
    host_folder(&t);
    test_vectors(&t);
    test_pieces(&t);
    test_system(&t);
    return host_test_finish(&t);
}
