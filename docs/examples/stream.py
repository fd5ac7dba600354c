#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
"""Streams several completions at once by ctypes alone, and says what the device counted.

    python3 stream.py liblockstep.so model.gguf TOKENS PROMPT...
"""
import ctypes
import sys
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int32, c_size_t, c_uint32, c_uint64, c_void_p, sizeof


class Event(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("request", c_uint64), ("token", c_uint32), ("index", c_uint32),
                ("text", c_void_p), ("text_bytes", c_size_t), ("last", c_uint32), ("end", c_uint32),
                ("stop", c_uint32)]


OnToken = ctypes.CFUNCTYPE(None, c_void_p, POINTER(Event))


class Request(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("text", c_char_p), ("text_bytes", c_size_t), ("flags", c_uint32),
                ("tokens", POINTER(c_uint32)), ("token_count", c_size_t), ("max_tokens", c_uint32),
                ("priority", c_int32), ("temperature", c_double), ("top_k", c_uint32), ("top_p", c_double),
                ("min_p", c_double), ("repeat_penalty", c_double), ("presence_penalty", c_double),
                ("frequency_penalty", c_double), ("seed", c_uint64), ("stop", POINTER(c_char_p)),
                ("stop_count", c_size_t), ("on_token", OnToken), ("context", c_void_p)]


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.lockstep_open.restype = c_void_p
    library.lockstep_error.restype = c_char_p
    for name in "load", "submit", "step", "unload", "close", "error":
        getattr(library, "lockstep_" + name).argtypes = [c_void_p] + {
            "load": [c_char_p, c_void_p], "submit": [POINTER(Request), POINTER(c_uint64)]}.get(name, [])
    why = ctypes.create_string_buffer(256)
    device = library.lockstep_open(None, why, c_size_t(256))
    if not device:
        sys.exit(why.value.decode())

    def must(status, allowed=(0,)):
        if status not in allowed:
            sys.exit(library.lockstep_error(device).decode())
        return status

    must(library.lockstep_load(device, sys.argv[2].encode(), None))
    texts, ids = {}, {}

    def on_token(_, event):
        e = event.contents
        texts[e.request] = texts.get(e.request, b"") + ctypes.string_at(e.text, e.text_bytes)
        ids.setdefault(e.request, []).append(e.token)

    callback = OnToken(on_token)
    for prompt in sys.argv[4:]:
        request, number = Request(), c_uint64()
        library.lockstep_request_defaults(byref(request), c_size_t(sizeof(request)))
        request.text = prompt.encode()
        request.max_tokens = int(sys.argv[3])
        request.on_token = callback
        must(library.lockstep_submit(device, byref(request), byref(number)))
    while must(library.lockstep_step(device), (0, 1)) == 0:
        pass
    must(library.lockstep_unload(device))
    library.lockstep_close(device)
    for number, prompt in enumerate(sys.argv[4:], 1):
        print(f"[{number}] {len(ids[number])} tokens: {prompt}{texts[number].decode()}")


main()
