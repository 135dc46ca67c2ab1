"""Exhibits and their custody as a graph in JSON-LD, in the words of CASE and UCO, for tools that read those.

CASE 1.x: https://caseontology.org, UCO 1.x: https://unifiedcyberontology.org.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Values = Mapping[str, Any]

_CONTEXT = {
    "kb": "urn:comity:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def graph(shown: Values) -> str:
    """An investigation with its files, each act of custody, and who did it."""
    nodes = [*_people(shown), *_files(shown), *_acts(shown)]
    case = shown["case"]
    about = {
        "@id": f"kb:{case['ref']}", "@type": "case-investigation:Investigation", "uco-core:name": case["title"],
        "uco-core:object": [{"@id": node["@id"]} for node in nodes],
    }  # fmt: skip
    return json.dumps({"@context": _CONTEXT, "@graph": [about, *nodes]}, ensure_ascii=False, indent=1) + "\n"


def _people(shown: Values) -> Iterator[Values]:
    names = {link["by"] for exhibit in shown["exhibits"] for link in exhibit["custody"]}
    for number, name in enumerate(sorted(names), start=1):
        yield {"@id": f"kb:person-{number}", "@type": "uco-identity:Person", "uco-core:name": name}


def _files(shown: Values) -> Iterator[Values]:
    for exhibit in shown["exhibits"]:
        if exhibit["sha256"] is None:
            continue
        sum_ = {
            "@type": "uco-types:Hash", "uco-types:hashMethod": "SHA256",
            "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": exhibit["sha256"]},
        }  # fmt: skip
        content = {
            "@type": "uco-observable:ContentDataFacet", "uco-observable:hash": [sum_],
            "uco-observable:mimeType": exhibit["media type"], "uco-observable:sizeInBytes": exhibit["size"],
        }  # fmt: skip
        name = {"@type": "uco-observable:FileFacet", "uco-observable:fileName": exhibit["name"]}
        yield {
            "@id": f"kb:{exhibit['ref']}", "@type": "uco-observable:File", "uco-core:name": exhibit["ref"],
            "uco-core:hasFacet": [name, content],
        }  # fmt: skip
        yield {
            "@id": f"kb:{exhibit['ref']}-provenance", "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": exhibit["ref"], "uco-core:object": [{"@id": f"kb:{exhibit['ref']}"}],
        }  # fmt: skip


def _acts(shown: Values) -> Iterator[Values]:
    people = {node["uco-core:name"]: node["@id"] for node in _people(shown)}
    for exhibit in shown["exhibits"]:
        for link in exhibit["custody"]:
            yield {
                "@id": f"kb:{exhibit['ref']}-{link['chained']['number']}",
                "@type": "case-investigation:InvestigativeAction", "uco-core:name": link["act"],
                "uco-core:description": link["purpose"],
                "uco-action:startTime": {"@type": "xsd:dateTime", "@value": link["at"]},
                "uco-action:performer": {"@id": people[link["by"]]},
                "uco-action:object": [{"@id": f"kb:{exhibit['ref']}"}],
            }  # fmt: skip
