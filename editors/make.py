"""The grammars of editors, from the language's own: `python editors/make.py` writes those of VS Code and of Vim.

Names, numbers, strings, comments, operators and keywords are the terminals of `grammars/cdsl.lark`; no name of a domain occurs.
Both read a line at a time and see what a word is from its neighbours on that line. A test holds that the files are fresh, and
that they colour every spec of the project as the parser reads it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from cdsl.highlight import CONSTANT, INTRODUCED, LATER, TOKENS, WORDS
from cdsl.syntax.generate import read_by_lark
from cdsl.syntax.parse import grammar_text
from cdsl.syntax.tokens import OUTSIDE

EDITORS = Path(__file__).parent
TEXTMATE = EDITORS / "vscode" / "syntaxes" / "cdsl.tmLanguage.json"
VIM = EDITORS / "vim" / "syntax" / "cdsl.vim"

SCOPES = {
    "comment": "comment.line.number-sign.cdsl",
    "doc": "comment.line.documentation.cdsl",
    "keyword": "keyword.other.cdsl",
    "declared": "variable.other.declaration.cdsl",
    "type": "entity.name.type.cdsl",
    "transform": "support.function.transform.cdsl",
    "function": "entity.name.function.cdsl",
    "argument": "variable.parameter.cdsl",
    "member": "variable.other.member.cdsl",
    "constant": "constant.language.cdsl",
    "name": "variable.other.cdsl",
    "number": "constant.numeric.cdsl",
    "string": "string.quoted.double.cdsl",
    "operator": "keyword.operator.cdsl",
    "punctuation": "punctuation.cdsl",
}
"""What a piece of a spec can be, and the scope that themes of VS Code colour."""

GROUPS = {
    "comment": "Comment",
    "doc": "SpecialComment",
    "keyword": "Keyword",
    "declared": "Identifier",
    "type": "Type",
    "transform": "PreProc",
    "function": "Function",
    "argument": "Label",
    "constant": "Constant",
    "number": "Number",
    "string": "String",
    "operator": "Operator",
    "punctuation": "Delimiter",
}
"""The same, and the group that colour schemes of Vim know; members and other names are plain text."""

GRAMMAR = read_by_lark(grammar_text(), OUTSIDE).terminals
TERMINALS = {one.name: one.pattern for one in GRAMMAR}


def pattern(terminal: str) -> str:
    """A terminal of the grammar as a regular expression, in ASCII."""
    return re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", TERMINALS[terminal].to_regexp())


def introducing(kind: str) -> str:
    """The keywords that stand before a word of this kind and begin a statement: `dim|data|let|frozen`."""
    return "|".join(TERMINALS[one].value for one, of in INTRODUCED.items() if of == kind and one not in LATER)


def operators() -> list[str]:
    """What is no word, number, string or punctuation, in the order in which lark's lexer tries it."""
    known = (*TOKENS, *WORDS, "COMMENT", "__IGNORE_0")
    found = [(-one.priority, -one.pattern.max_width, one.name) for one in GRAMMAR if one.name not in known]
    return [sign for *_, name in sorted(found) for sign in re.sub(r"\(\?:|[\\)]", "", pattern(name)).split("|")]


# -- VS Code -----------------------------------------------------------------------------------------------------------

S = r"[ \t\f]"
OTHER = r"[^\x00-\x7f\s]"
NAME = pattern("NAME")
CONSTANTS = rf"(?:{'|'.join(sorted(CONSTANT))})(?!\w|{OTHER})"
KEYWORD = f"(?:{introducing('declared')}|{introducing('type')})"
OPENS = r"(?![^\[\]()#]*[\])])"
"""The next bracket of the line, if there is one, opens."""
DECLARATION = rf"^(?={S}*(?:(?:(?:frozen{S}+)?{NAME}{S}*:|{KEYWORD}{S}+{NAME}){OPENS}|from{S}*\"|\}}{S}*(?:#|$)))"
"""A line that begins a declaration: as for the parser, a bracket that is open there ends."""


def rule(regex: str, *kinds: str) -> dict[str, Any]:
    """What matches on one line, and the kind of each group."""
    return {"match": regex, "captures": captures(*kinds)}


def block(begin: dict[str, Any], end: dict[str, Any], *inside: dict[str, Any]) -> dict[str, Any]:
    """From one match to another, on whatever line that is, and what there is between them."""
    return {
        "begin": begin["match"],
        "beginCaptures": begin["captures"],
        "end": end["match"],
        "endCaptures": end["captures"],
        "patterns": list(inside),
    }


def captures(*kinds: str) -> dict[str, Any]:
    """The scopes of groups, from the first."""
    return {str(group): {"name": SCOPES[kind]} for group, kind in enumerate(kinds, 1)}


def include(name: str) -> dict[str, Any]:
    """The rules that the repository has under a name."""
    return {"include": f"#{name}"}


def textmate() -> str:
    """`cdsl.tmLanguage.json`: of rules that match at one place the first holds."""
    closed = rule(rf"(\))|{DECLARATION}", "punctuation")
    argument = rule(rf"({NAME})(?={S}*=(?!=))", "argument")
    grammar = {
        "name": "cdsl",
        "scopeName": "source.cdsl",
        "fileTypes": ["cdsl"],
        "comment": "Made by editors/make.py from grammars/cdsl.lark.",
        "patterns": [
            include("alias"),
            rule(rf"({introducing('declared')}){S}+({NAME})", "keyword", "declared"),
            rule(rf"(?<=[\w)\]]){S}+(frozen)(?={S}*\[)", "keyword"),
            rule(
                rf"({introducing('type')}){S}+({NAME})(?:{S}*(=){S}*({NAME})?)?", "keyword", "type", "operator", "type"
            ),
            rule(rf"(from)(?={S}*\")", "keyword"),
            include("imported"),
            rule(rf"(via){S}+({NAME})", "keyword", "transform"),
            rule(rf"({NAME})(?={S}*:)", "declared"),
            rule(rf"(:)(?:{S}*({NAME}))?", "punctuation", "type"),
            include("expression"),
        ],
        "repository": {
            "alias": block(
                rule(rf"(type){S}+({NAME}){S}*(\()", "keyword", "type", "punctuation"),
                rule(rf"(\))(?:{S}*(=){S}*({NAME})?)?|{DECLARATION}", "punctuation", "operator", "type"),
                block(rule("(=)", "operator"), rule(rf"(?=[,)])|{DECLARATION}"), include("expression")),
                rule(f"({NAME})", "argument"),
                include("expression"),
            ),
            "imported": block(
                rule(rf"(import)(?={S}+{NAME})", "keyword"),
                rule("(?=#)|$"),
                rule(rf"({NAME}){S}+(as){S}+({NAME})", "type", "keyword", "type"),
                rule(rf"({NAME})", "type"),
                rule("(,)", "punctuation"),
            ),
            "expression": {
                "patterns": [
                    rule("(#:.*)", "doc"),
                    rule("(#.*)", "comment"),
                    rule(f"({pattern('STRING')})", "string"),
                    rule(f"({pattern('NUMBER')})", "number"),
                    block(rule(r"(\()", "punctuation"), closed, argument, include("expression")),
                    block(
                        rule(r"(\[)", "punctuation"),
                        rule(rf"(\])|{DECLARATION}", "punctuation"),
                        include("expression"),
                    ),
                    rule(f"({'|'.join(map(re.escape, operators()))})", "operator"),
                    rule(rf"(\.)(?:{S}*({NAME}))?", "punctuation", "member"),
                    rule(rf"({NAME})(?={S}*\()", "function"),
                    rule(f"({CONSTANTS})", "constant"),
                    rule(f"({NAME})", "name"),
                    rule(r"([{},:)\]])", "punctuation"),
                ]
            },
        },
    }
    return json.dumps(grammar, indent=2) + "\n"


# -- Vim ---------------------------------------------------------------------------------------------------------------

LINKS = {
    **dict.fromkeys(("Declaring",), "Declared"),
    **dict.fromkeys(("Alias", "Imported", "Renamed"), "Type"),
    "Param": "Argument",
    "As": "Keyword",
    "Equals": "Operator",
    **dict.fromkeys(("Colon", "Dot", "Comma"), "Punctuation"),
}
"""Groups of the syntax file that exist for what may follow them, and the kind that they are."""

SYNTAX = r"""" Vim syntax file: cdsl. Made by editors/make.py from grammars/cdsl.lark.

if exists("b:current_syntax")
  finish
endif

" Of items that match at one place the last holds: a name, if it is nothing else.
syn match cdslName /@NAME@/
syn match cdslConstant /\%(@CONSTANTS@\)\%(\w\|[^\x00-\x7f]\)\@!/
syn match cdslFunction /@NAME@\ze\s*(/
syn match cdslNumber /\%(@DIGITS@\%(\.\%(@DIGITS@\)\?\)\?\|\.@DIGITS@\)\%([eE][+-]\?@DIGITS@\)\?/
syn match cdslString /"[^"\\]*"/
syn match cdslPunctuation /[][(){},:]/
syn match cdslDot /\.\d\@!/ nextgroup=cdslMember skipwhite
syn match cdslMember /@NAME@/ contained
syn match cdslOperator /@OPERATORS@/
syn match cdslComment /#.*$/ contains=@Spell
syn match cdslDoc /#:.*$/ contains=@Spell
syn cluster cdslExpression contains=cdslName,cdslConstant,cdslFunction,cdslNumber,cdslString,cdslPunctuation,cdslDot
syn cluster cdslExpression add=cdslOperator,cdslComment,cdslDoc,cdslParens,cdslSizes

" An open bracket ends where a line begins a declaration.
syn region cdslParens matchgroup=cdslPunctuation start=/(/ end=/)/ @BREAKS@ contains=@cdslExpression,cdslArgument
syn region cdslSizes matchgroup=cdslPunctuation start=/\[/ end=/\]/ @BREAKS@ contains=@cdslExpression
syn match cdslArgument /@NAME@\ze\s*==\@!/ contained

" A keyword is one only where another word follows it.
syn match cdslColon /:/ nextgroup=cdslType skipwhite
syn match cdslType /@NAME@/ contained
syn match cdslDeclared /@NAME@\ze\s*:/
syn match cdslKeyword /\%(@DECLARING@\)\ze\s\+@LETTER@/ nextgroup=cdslDeclaring skipwhite
syn match cdslDeclaring /@NAME@/ contained
syn match cdslKeyword /\%(\%([A-Za-z0-9_)\]]\|[^\x00-\x7f]\)\s\+\)\@<=frozen\ze\s*\[/
syn match cdslKeyword /via\ze\s\+@LETTER@/ nextgroup=cdslTransform skipwhite
syn match cdslTransform /@NAME@/ contained
syn match cdslKeyword /\%(@TYPING@\)\ze\s\+@LETTER@/ nextgroup=cdslAlias skipwhite
syn match cdslAlias /@NAME@/ contained nextgroup=cdslParams,cdslEquals skipwhite
syn region cdslParams contained matchgroup=cdslPunctuation start=/(/ end=/)/ @BREAKS@ contains=@cdslExpression,cdslParam,cdslDefault nextgroup=cdslEquals skipwhite
syn match cdslParam /@NAME@/ contained
syn region cdslDefault contained matchgroup=cdslOperator start=/=/ end=/\ze[,)]/ @BREAKS@ contains=@cdslExpression
syn match cdslEquals /=/ contained nextgroup=cdslType skipwhite
syn match cdslKeyword /from\ze\s*"/
syn match cdslKeyword /import\ze\s\+@LETTER@/ nextgroup=cdslImported skipwhite
syn match cdslImported /@NAME@/ contained nextgroup=cdslAs,cdslComma skipwhite
syn match cdslAs /as\ze\s\+@LETTER@/ contained nextgroup=cdslRenamed skipwhite
syn match cdslRenamed /@NAME@/ contained nextgroup=cdslComma skipwhite
syn match cdslComma /,/ contained nextgroup=cdslImported skipwhite

syn sync fromstart

@LINKS@

let b:current_syntax = "cdsl"
"""


def vim() -> str:
    """`cdsl.vim`. Vim has expressions of its own; words, constants and operators are the language's."""
    links = {
        **{kind.capitalize(): group for kind, group in GROUPS.items()},
        **{one: f"cdsl{of}" for one, of in LINKS.items()},
    }
    parts = {
        "BREAKS": r"end=/^\%(\s*\%(\%(\%(\%(frozen\s\+\)\?@NAME@\s*:\|\%(@DECLARING@\|@TYPING@\)\s\+@LETTER@\)"
        r"\%([^][()#]*[])]\)\@!\)\|from\s*\"\|}\s*\%(#\|$\)\)\)\@=/",
        "NAME": r"@LETTER@\%(\w\|[^\x00-\x7f]\)*",
        "LETTER": r"\%([A-Za-z_]\|[^\x00-\x7f]\)",
        "DIGITS": r"\d\+\%(_\d\+\)*",
        "CONSTANTS": r"\|".join(sorted(CONSTANT)),
        "OPERATORS": r"\|".join(re.sub(r"([\\.*\[~^$/])", r"\\\1", one) for one in operators()),
        "DECLARING": introducing("declared").replace("|", r"\|"),
        "TYPING": introducing("type").replace("|", r"\|"),
        "LINKS": "\n".join(f"hi def link cdsl{one} {of}" for one, of in links.items()),
    }
    text = SYNTAX
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def main() -> None:
    """Write both."""
    TEXTMATE.write_text(textmate(), encoding="utf-8")
    VIM.write_text(vim(), encoding="utf-8")


if __name__ == "__main__":
    main()
