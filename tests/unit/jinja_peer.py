# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Random templates, run by Jinja2 with the settings of chat templates and by csrc/jinja: the text
# must be the same, and what Jinja2 refuses must be refused. What csrc/jinja says that it does not
# support is counted, and must be rare.
#
#   tests/unit/jinja_peer.py build/tests/test_jinja [COUNT [SEED]]
import copy
import json
import random
import subprocess
import sys
import warnings

import jinja2.ext
import jinja2.sandbox

ENVIRONMENT = jinja2.sandbox.ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols])


warnings.filterwarnings("ignore", category=SyntaxWarning)  # of what Jinja2 makes of them


class Raised(Exception):
    pass


def raise_exception(message):
    raise Raised(message)


def tojson(x, indent=None, ensure_ascii=False, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                      sort_keys=sort_keys)


ENVIRONMENT.filters["tojson"] = tojson
ENVIRONMENT.globals["raise_exception"] = raise_exception

CONTEXT = {
    "messages": [{"role": "system", "content": " Be kind. "},
                 {"role": "user", "content": "Hello\nyou"},
                 {"role": "assistant", "content": "\tHi 'there' ", "calls": [{"name": "f", "n": 3}]},
                 {"role": "user", "content": [{"type": "text", "text": "caf\u00e9 \u4e2d"}]}],
    "word": "Alpha beta-gamma", "blank": "  \u00a0x\u3000 ", "empty": "", "accent": "\u00e9t\u00e9",
    "seven": 7, "minus": -3, "zero": 0, "half": 2.5, "big": 1e20, "yes": True, "no": False,
    "nothing": None, "list": [3, 1, 2], "names": ["b", "A", "c", "a"], "none_list": [],
    "map": {"b": 1, "A": [1, 2], "items": "key", "c": None}, "none_map": {},
}
NAMES = list(CONTEXT) + ["missing"]
WORDS = ["", "a", "b", "x", " ", "role", "user", "content", "e", "\\n", "\u00e9", "it's", "%", "{{"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []

    def one(self, *choices):
        return self.random.choice(choices)

    def text(self):
        word = self.random.choice(WORDS)
        return '"%s"' % word if "'" in word or self.random.random() < .3 else "'%s'" % word

    def atom(self):
        kind = self.random.random()
        if kind < .45:
            return self.random.choice(NAMES + 3 * self.names)
        if kind < .6:
            return self.text()
        if kind < .75:
            return str(self.random.randint(0, 12))
        return self.one("true", "false", "none", "1.5", "0.1", "[]", "{}", "'ab' 'c'", "1e3",
                        "messages[1]", "messages[0].content", "messages[2]['calls'][0].n", "map['items']")

    def expression(self, depth):
        if depth <= 0:
            return self.atom()
        e = lambda: self.expression(depth - 1 - self.random.randrange(2))
        kind = self.random.randrange(17)
        if kind == 0:
            return "%s %s %s" % (e(), self.one("+", "-", "*", "/", "//", "%", "~", "~", "+"), e())
        if kind == 1:
            return "(%s) %s (%s)" % (e(), self.one("==", "!=", "<", "<=", ">", ">=", "in", "not in"),
                                     e())
        if kind == 2:
            return "%s %s %s" % (e(), self.one("and", "or"), e())
        if kind == 3:
            return self.one("not %s", "-%s", "(%s)", "+%s", "(%s,)") % e()
        if kind == 4:
            return "(%s if %s else %s)" % (e(), e(), e()) if self.random.random() < .8 \
                else "(%s if %s)" % (e(), e())
        if kind == 5:
            return "[%s]" % ", ".join(e() for _ in range(self.random.randrange(4)))
        if kind == 6:
            return "{%s}" % ", ".join("%s: %s" % (self.text(), e())
                                      for _ in range(self.random.randrange(3)))
        if kind in (7, 8):
            return "(%s)|%s" % (e(), self.filter(depth))
        if kind in (9, 10):
            return "((%s) is %s%s)" % (e(), self.one("", "", "not "), self.test(depth))
        if kind == 11:
            bound = lambda: self.one("", "", str(self.random.randint(-4, 4)))
            of = self.one("messages", "list", "%s" % self.text_like(), "(%s)|list" % e(),
                          "(%s)|string" % e(), "[%s, %s, 3]" % (e(), e()), "(1, 2, %s)" % e())
            return "(%s)[%s:%s%s]" % (of, bound(), bound(),
                                      self.one("", ":", ":-1", ":2", ":%s" % bound()))
        if kind == 12:
            return "(%s)[%s]" % (e(), self.one("0", "-1", "1", "'role'", "'b'", e()))
        if kind == 13:
            return "(%s).%s" % (e(), self.one("role", "content", "b", "name", "0", "calls"))
        if kind in (14, 15):
            return "(%s).%s" % (e() if self.random.random() < .5 else self.text_like(),
                                self.method(depth))
        return "range(%s)" % ", ".join(str(self.random.randint(-3, 9))
                                       for _ in range(self.random.randint(1, 3))) + \
            self.one("|list", "|join('-')", "|length")

    def text_like(self):
        return self.one("word", "blank", "messages[1].content", "accent", "empty", self.text())

    def filter(self, depth):
        return self.one(
            "trim", "upper", "lower", "length", "string", "int", "float", "first", "last", "list",
            "capitalize", "title", "abs", "tojson", "tojson(indent=2)", "tojson(indent=0)",
            "tojson(ensure_ascii=true)", "tojson(sort_keys=true)", "join", "join(', ')",
            "default('d')", "default('d', true)", "reverse|list", "items|list", "dictsort",
            "dictsort(reverse=true)", "dictsort(by='value')", "sort", "sort(reverse=true)",
            "sort(attribute='role')", "unique|list", "map(attribute='role')|list",
            "map(attribute='role', default='-')|join(' ')", "map('upper')|list",
            "map('default', 'q')|list", "select|list", "select('string')|list",
            "reject('none')|list", "selectattr('role', 'equalto', 'user')|list",
            "rejectattr('role', 'in', ['user', 'system'])|list", "selectattr('calls')|list",
            "selectattr('calls', 'defined')|list", "replace('a', 'bb')", "replace('l', '', 1)",
            "trim('x ')", "indent", "indent(2, true)", "indent(1, blank=true)", "count",
            "join('/', attribute='role')", "map(attribute='content.0.text')|list",
            "default(%s)" % self.expression(depth - 2), "float(1)", "int(5)")

    def test(self, depth):
        return self.one("defined", "undefined", "none", "boolean", "true", "false", "integer",
                        "float", "number", "string", "mapping", "iterable", "sequence", "odd",
                        "even", "divisibleby 3", "divisibleby(2)", "in [1, 'a']", "eq 1",
                        "equalto 'a'", "ne none", "gt 2", "lt 2", "ge 2", "le 2", "sameas true",
                        "sameas none", "callable", "lower", "upper",
                        "in %s" % self.atom(), "eq(2)")

    def method(self, depth):
        return self.one(
            "strip()", "lstrip()", "rstrip()", "strip('x')", "rstrip('a ')", "lstrip(' A')",
            "upper()", "lower()", "title()", "capitalize()", "split()", "split(' ')",
            "split('a', 1)", "split('\\n')[-1]", "split(none, 1)", "startswith('A')",
            "startswith(('x', ' '))", "endswith('a')", "endswith(('', 'a'))", "replace('a', 'o')",
            "replace('e', '', 1)", "find('a')", "rfind('a')", "count('a')", "join(['x', 'y'])",
            "join(names)", "splitlines()", "isdigit()", "isspace()", "isalpha()",
            "removeprefix('A')", "removesuffix('a')", "get('b')", "get('q', 4)",
            "items()|list", "keys()|list", "values()|list", "keys()|length", "values()|join",
            "strip(%s)" % self.atom())

    def blank(self):
        return self.one("", "", "", " ", "\n", "  \n", "\n  ", "text", " a ", "\n\n", "\t", "\r\n")

    def tag(self, inner):
        return "{%%%s %s %s%%}" % (self.one("", "", "", "-", "+"), inner,
                                   self.one("", "", "", "-", "+"))

    def body(self, depth):
        return self.blank() + "".join(self.statement(depth) + self.blank()
                                      for _ in range(self.random.randint(1, 3)))

    def statement(self, depth):
        e = lambda: self.expression(self.random.randrange(3))
        kind = self.random.randrange(14) if depth > 0 else 0
        if kind < 4:
            return "{{%s %s %s}}" % (self.one("", "", "-"), e(), self.one("", "", "-"))
        if kind == 4:
            return "{#%s note {{ %s#}" % (self.one("", "-"), self.one("", "-", "+"))
        if kind == 5:
            name = self.one("x", "y")
            self.names.append(name)
            return self.tag("set %s = %s" % (name, e()))
        if kind == 6:
            text = self.tag("set z") + self.body(depth - 1) + self.tag("endset")
            self.names.append("z")
            return text
        if kind in (7, 8):
            text = self.tag("if %s" % e()) + self.body(depth - 1)
            if self.random.random() < .4:
                text += self.tag("elif %s" % e()) + self.body(depth - 1)
            if self.random.random() < .5:
                text += self.tag("else") + self.body(depth - 1)
            return text + self.tag("endif")
        if kind in (9, 10, 11):
            return self.loop(depth)
        if kind == 12:
            return self.tag("macro m(a, b='%s')" % self.one("q", "", "r")) + "{{ a }}" + \
                self.body(depth - 1) + "{{ b }}" + self.tag("endmacro") + \
                self.one("{{ m(1) }}", "{{ m(1, 2) }}", "{{ m(b=word, a=2) }}", "{{ m() }}",
                         "{{ m(*[1, 2]) }}", "{{ m(1, 2, 3) }}",
                         "{% macro w(a) %}{{ caller(a) }}{% endmacro %}"
                         "{% call(q) w(3) %}{{ q }}{{ word }}{% endcall %}")
        return self.tag("set ns = namespace(n=0, t='')") + \
            self.tag("for i in range(3)") + self.blank() + \
            self.tag("set ns.n = ns.n + %s" % self.one("i", "1", "loop.index")) + \
            self.tag("set ns.t = ns.t ~ %s" % e()) + self.tag("endfor") + "{{ ns.n }}{{ ns.t }}"

    def loop(self, depth):
        names = list(self.names)
        target, of = self.one(("m", "messages"), ("m", "messages[::-1]"), ("m", "messages[1:]"),
                              ("c", "word"), ("i", "range(4)"), ("k, v", "map.items()"),
                              ("k, v", "map|dictsort"), ("x", self.expression(2)),
                              ("m", "messages if m.role != 'system'"), ("i", "none_list"),
                              ("i", "missing"), ("k", "map"))
        self.names += target.split(", ") + ["loop.index", "loop.first", "loop.last",
                                            "loop.index0", "loop.previtem", "loop.nextitem",
                                            "loop.length", "loop.revindex", "loop.depth"]
        text = self.tag("for %s in %s" % (target, of)) + self.body(depth - 1)
        if self.random.random() < .25:
            text += self.tag("if %s" % self.expression(1)) + \
                self.tag(self.one("break", "continue")) + self.tag("endif") + self.blank()
        text += self.one("", "", "{{ loop.cycle('o', 'e') }}")
        self.names = names
        if self.random.random() < .2:
            text += self.tag("else") + self.body(depth - 1)
        return text + self.tag("endfor")


def judge(template):
    try:
        return "done", ENVIRONMENT.from_string(template).render(**copy.deepcopy(CONTEXT))
    except Raised as e:
        return "raised", str(e)
    except Exception as e:
        return "wrong", "%s: %s" % (type(e).__name__, e)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    templates = []
    for i in range(count):
        maker = Maker(seed * 1000003 + i)
        templates.append(maker.body(3) if i % 2 else "{{ %s }}" % maker.expression(4))
    run = subprocess.run([sys.argv[1], "lines"], stdout=subprocess.PIPE, check=True,
                         input="".join(json.dumps({"template": t, "context": CONTEXT}) + "\n"
                                       for t in templates).encode())
    lines = run.stdout.decode().splitlines()
    failures, beyond, done = 0, {}, 0
    for template, line in zip(templates, lines):
        verdict, text = judge(template)
        ours = json.loads(line)
        done += verdict == "done"
        if ours["verdict"] in ("beyond", "too much"):
            if verdict == "done":
                what = ours["text"].split(": ", 1)[1]
                beyond[what] = beyond.get(what, 0) + 1
            continue
        if ours["verdict"] == verdict and (verdict == "wrong" or ours["text"] == text):
            continue
        if "<built-in method" in text:  # a method that is not called
            continue
        # of a list that is none yet Jinja2 has no length and no items
        if verdict == "wrong" and any(w in text for w in ("generator", "reverseiterator",
                                                          "dict_", "reversed")):
            continue
        failures += 1
        if failures <= 10:
            print("%.600r\n  Jinja2: %s %.300r\n  ours: %s %.300r" % (template, verdict, text,
                                                               ours["verdict"], ours["text"]))
    if "-v" in sys.argv:
        for what, times in sorted(beyond.items(), key=lambda x: -x[1])[:40]:
            print(times, what)
    unsupported = sum(beyond.values())
    good = failures == 0 and len(lines) == count and unsupported * 10 < done
    print("%s jinja_peer (%d templates, seed %d: %d run, %d that are not supported)" % (
        "PASS" if good else "FAIL", count, seed, done, unsupported))
    return 0 if good else 1


sys.exit(main())
