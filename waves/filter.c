/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A process filter for GTKWave: a line of hexadecimal digits in, what it means out. Built twice:
 * binary32 shows each 32 bits as a decimal number, the lowest lane first; celsius (with -DCELSIUS)
 * a signed number of 2^-16 degrees.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *digits, size_t count) {
    char part[9] = "";
    memcpy(part, digits, count);
    const uint32_t bits = (uint32_t)strtoul(part, NULL, 16);
#ifdef CELSIUS
    printf("%.4f", (double)(int32_t)bits / 65536);
#else
    float value;
    memcpy(&value, &bits, sizeof value);
    printf("%.7g", (double)value);
#endif
}

int main(void) {
    static char line[65536];
    setvbuf(stdout, NULL, _IOLBF, 0); /* GTKWave waits for each answer */
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t count = strcspn(line, "\r\n");
        for (size_t i = 0; i < count; i++)
            if (!isxdigit((unsigned char)line[i])) {
                line[count] = '\0';
                fputs(line, stdout);
                count = 0;
            }
        for (const char *separator = ""; count > 0; separator = " ") {
            const size_t some = count < 8 ? count : 8;
            fputs(separator, stdout);
            show(line + count - some, some);
            count -= some;
        }
        putchar('\n');
    }
    return 0;
}
