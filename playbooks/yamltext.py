"""YAML text to plain data, without YAML's surprises.

Only whole numbers, true, false and null are more than text, so "09:00" and "10:00" are the same
kind of thing and "no" is a word; a key that stands twice in one mapping is refused.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

from playbooks.exceptions import PlaybookError


class _PlainLoader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        found: set[Hashable] = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"a key must be a text, not {key!r}", key_node.start_mark
                )
            if key in found:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands twice", key_node.start_mark
                )
            found.add(key)
        return super().construct_mapping(node, deep=deep)


_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"]
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""]
)


def load(text: str, file: str) -> Any:
    """The data of one YAML document; raises ``PlaybookError`` naming ``file`` and the line."""
    loader = None
    try:
        loader = _PlainLoader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"line {mark.line + 1}" if mark else ""
        raise PlaybookError(file, line, error.problem or "is not valid YAML") from error
    except yaml.YAMLError as error:  # a character that YAML does not allow has no line
        problem = " ".join(str(error).split())
        raise PlaybookError(file, "", f"is not valid YAML: {problem}") from error
    finally:
        if loader is not None:
            loader.dispose()
