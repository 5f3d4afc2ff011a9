#!/usr/bin/env python3
"""Does what Joomla's updater does with an update site, by Joomla's own rules, and prints what it decided.

Written from the rules of the updater and its installer, and from nothing of Loggia's: it would do the same with
any vendor's feed. Python's standard library only.

The rules that matter, because a feed that ignores them fails only on somebody's site:

* The list fetch wants status 200. On another status, or where the XML does not parse, an address that does not
  end in ``.xml`` is tried once more with ``/extension.xml`` behind the whole of it.
* The parser is a SAX parser that is never told the document is complete: an empty or torn document is no
  failure, it merely offers nothing. Names ignore case.
* Text comes in pieces, around every entity and at every line. Some members join the pieces, ``tag``,
  ``php_minimum`` (in the list fetch) and ``downloadsource`` keep the last one. Nothing but the download address
  is trimmed.
* ``targetplatform`` is wanted, its version is a pattern anchored at the start only, and a ``/`` breaks it.
* On installation the same document is fetched and judged again; then the package is downloaded with the site's
  ``extra_query`` behind ``?``, or behind a literal ``&amp;`` which the URL class turns into ``&``.
* The file's name comes from Content-Disposition by a pattern, else from the address; how it is unpacked, from
  the end of its name. Checksums are compared with the untrimmed text.
"""

import argparse
import hashlib
import http.client
import io
import json
import posixpath
import re
import sys
import urllib.parse
import xml.parsers.expat
import zipfile

STABILITIES = {"dev": 0, "alpha": 1, "beta": 2, "rc": 3, "stable": 4}
CLIENTS = {"site": 0, "administrator": 1, "api": 3}
LIST_COLUMNS = {"NAME", "ELEMENT", "TYPE", "FOLDER", "CLIENT", "VERSION", "DESCRIPTION", "INFOURL",
                "CHANGELOGURL", "EXTRA_QUERY"}
ARCHIVES = {"zip", "tar", "tgz", "gz", "gzip", "tbz2", "bz2", "bzip2"}


class Failure(Exception):
    """What the administrator would read as an error."""


# PHP's version_compare

FORMS = (("dev", 0), ("alpha", 1), ("a", 1), ("beta", 2), ("b", 2), ("RC", 3), ("rc", 3), ("#", 4), ("pl", 5),
         ("p", 5))


def canonical(version):
    """Splits a version where PHP does: at every separator, and where letters and digits meet."""
    text = version[:1] + re.sub(r"[^0-9A-Za-z]+", ".", version[1:])
    return re.sub(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])", ".", text).split(".")


def form(word):
    for name, rank in FORMS:
        if word.startswith(name):
            return rank
    return -1


def version_compare(left, right):
    """-1, 0 or 1, as PHP's version_compare."""
    if not left or not right:
        return (left > right) - (left < right)
    parts, others = canonical(left), canonical(right)
    for one, other in zip(parts, others):
        if not one or not other:
            break
        if one[0].isdigit() and other[0].isdigit():
            order = (int(re.match(r"\d+", one)[0]) > int(re.match(r"\d+", other)[0])) - (
                int(re.match(r"\d+", one)[0]) < int(re.match(r"\d+", other)[0]))
        else:
            rank = form("#" if one[0].isdigit() else one)
            other_rank = form("#" if other[0].isdigit() else other)
            order = (rank > other_rank) - (rank < other_rank)
        if order:
            return order
    if len(parts) == len(others):
        return 0
    longer, sign = (parts, 1) if len(parts) > len(others) else (others, -1)
    rest = longer[min(len(parts), len(others))]
    if rest[:1].isdigit():
        return sign
    return sign * ((form(rest) > form("#")) - (form(rest) < form("#")))


# HTTP as the updater uses it

class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


def get(url, agent):
    """One GET; redirects are left to the caller."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure("no address: %s" % url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=20)
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    try:
        connection.request("GET", path, headers={"User-Agent": agent, "Accept-Encoding": "identity"})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise Failure("no answer: %s" % error) from error
    finally:
        connection.close()


# The two readings of a document

def sax(body, start, end, text):
    """Parses as PHP's xml_parse without the flag that says the document is complete."""
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = False
    if hasattr(parser, "SetReparseDeferralEnabled"):
        parser.SetReparseDeferralEnabled(False)
    parser.StartElementHandler = lambda name, attributes: start(
        name.upper(), {key.upper(): value for key, value in attributes.items()})
    parser.EndElementHandler = lambda name: end(name.upper())
    parser.CharacterDataHandler = text
    try:
        parser.Parse(body, False)
    except xml.parsers.expat.ExpatError as error:
        raise Failure("XML error: %s" % error) from error


def stability_of(word):
    """A word that is no stability counts as stable, also one with white space around it."""
    return STABILITIES.get(word.lower(), STABILITIES["stable"])


class Reading:
    """Collects the updates of an extension document; `again` reads it as the second fetch does."""

    def __init__(self, site, again):
        self.site, self.again = site, again
        self.stack, self.current, self.latest = [], None, None
        self.sources, self.notices, self.judged = [], [], []

    def start(self, name, attributes):
        self.stack.append(name)
        if name == "UPDATE":
            self.current = {"texts": {}, "attributes": {}, "stability": None}
        elif name == "DOWNLOADSOURCE":
            self.sources.append("")
        elif self.current is not None and name != "UPDATES":
            if self.again or name in LIST_COLUMNS or name == "PHP_MINIMUM":
                self.current["texts"][name] = ""
            if name in ("TARGETPLATFORM", "SUPPORTED_DATABASES"):
                self.current["attributes"][name] = attributes

    def text(self, piece):
        name = self.stack[-1] if self.stack else ""
        if name == "DOWNLOADSOURCE":
            self.sources[-1] = piece
        elif self.current is None:
            return
        elif name == "TAG":
            self.current["stability"] = stability_of(piece)
        elif name == "PHP_MINIMUM" and not self.again:
            self.current["texts"][name] = piece
        elif name in self.current["texts"]:
            self.current["texts"][name] += piece

    def end(self, name):
        if self.stack:
            self.stack.pop()
        if name == "UPDATE" and self.current is not None:
            self.judge(self.current)

    def judge(self, update):
        rule = self.refusal(update)
        version = update["texts"].get("VERSION", "")
        self.judged.append({"version": version, "rule": rule or "fits"})
        if rule is None and (self.latest is None or version_compare(
                version, self.latest["texts"].get("VERSION", "")) > 0):
            self.latest = update

    def refusal(self, update):
        site, texts = self.site, update["texts"]
        target = update["attributes"].get("TARGETPLATFORM")
        if target is None or target.get("NAME") != "joomla":
            return "platform"
        if not matches(target.get("VERSION", ""), site.joomla):
            return "platform"
        minimum = texts.get("PHP_MINIMUM")
        if minimum is not None and version_compare(site.php, minimum) < 0:
            self.notices.append("version %s needs PHP %s" % (texts.get("VERSION"), minimum))
            return "php"
        databases = update["attributes"].get("SUPPORTED_DATABASES")
        if databases is not None and site.database:
            kind, version = site.database
            if kind.upper() not in databases or version_compare(version, databases[kind.upper()]) < 0:
                self.notices.append("version %s does not run on %s %s" % (texts.get("VERSION"), kind, version))
                return "database"
        if update["stability"] is not None and update["stability"] < site.stability:
            return "stability"
        return None


def matches(pattern, version):
    if "/" in pattern:
        return False
    try:
        return re.match("^" + pattern, version) is not None
    except re.error:
        return False


def fetch_list(url, site, report):
    """The list fetch, with the one retry for addresses that do not end in .xml."""
    url = url.strip()
    tried = []
    while True:
        tried.append(url)
        failure = None
        answer = None
        try:
            answer = get(url, site.agent)
            if answer.status != 200:
                failure = "status %d" % answer.status
            else:
                result = parse_list(answer.body, url, site)
        except Failure as problem:
            failure = str(problem)
        report["fetches"].append({"url": url, "status": answer.status if answer else None, "failure": failure})
        if failure is None:
            return url, result
        if len(tried) == 2 or url.endswith(".xml"):
            raise Failure("error opening the update site: %s" % failure)
        url += "extension.xml" if url.endswith("/") else "/extension.xml"


def parse_list(body, url, site):
    """The updates that a document of either kind lists for this site."""
    reading = Reading(site, again=False)
    found = []

    def start(name, attributes):
        if name == "EXTENSION" and "EXTENSIONSET" in reading.stack:
            pattern = attributes.get("TARGETPLATFORMVERSION", ".".join(site.joomla.split(".")[:2]))
            if attributes.get("TARGETPLATFORM", "joomla") == "joomla" and matches(pattern, site.joomla):
                found.append(attributes)
        reading.start(name, attributes)

    sax(body, start, reading.end, reading.text)
    rows = [{
        "name": row.get("NAME", ""), "element": row.get("ELEMENT", ""), "type": row.get("TYPE", ""),
        "folder": row.get("FOLDER", ""), "client_id": CLIENTS.get(row.get("CLIENT", "site")),
        "version": row.get("VERSION", ""), "infourl": row.get("INFOURL", ""),
        "detailsurl": row.get("DETAILSURL", ""),
    } for row in found]
    if reading.latest is not None:
        texts = reading.latest["texts"]
        client = texts.get("CLIENT", "")
        rows.append({
            "name": texts.get("NAME", ""), "element": texts.get("ELEMENT", ""), "type": texts.get("TYPE", ""),
            "folder": texts.get("FOLDER", ""),
            "client_id": int(client) if client.isdigit() else CLIENTS.get(client, 1 if not client else None),
            "version": texts.get("VERSION", ""), "infourl": texts.get("INFOURL", ""), "detailsurl": url,
        })
    return {"updates": rows, "judged": reading.judged, "notices": reading.notices}


def choose(rows, site):
    """The update of the installed extension, if there is a newer one."""
    best = None
    for row in rows:
        if site.extension and (row["element"], row["type"], row["client_id"], row["folder"]) != site.extension:
            continue
        if site.installed is not None and version_compare(row["version"], site.installed) <= 0:
            continue
        if best is None or version_compare(row["version"], best["version"]) > 0:
            best = row
    return best


# Installation

def with_query(url, extra_query):
    url = url.strip()
    if extra_query:
        url += ("?" if "?" not in url else "&amp;") + extra_query
    return url


def name_of(answer, url):
    """The file's name, by the installer's pattern or from the address."""
    disposition = answer.headers.get("content-disposition", "")
    found = re.search(r"\s*filename\s?=\s?(.*)", disposition)
    if found:
        return posixpath.basename(found[1].split(";")[0].strip('"'))
    name = re.sub(r"[^a-zA-Z0-9_\-.]", "_", url.split("/")[-1])
    return re.sub(r"__+", "_", name.strip("_")) or "package"


def download(url, site, attempts, hops=0):
    """One download; 302 is followed by the installer itself, anything else but 200 is a failure."""
    sent = url if site.raw_ampersand else url.replace("&amp;", "&")
    attempt = {"url": sent, "status": None}
    attempts.append(attempt)
    try:
        answer = get(sent, site.agent)
    except Failure as failure:
        attempt["text"] = str(failure)
        return None
    attempt["status"] = answer.status
    if answer.status == 302 and answer.headers.get("location") and hops < 10:
        target = urllib.parse.urljoin(sent, answer.headers["location"])
        return download(target, site, attempts, hops + 1)
    if answer.status != 200:
        attempt["text"] = answer.body[:200].decode("utf-8", "replace").strip()
        return None
    attempt["file_name"] = name_of(answer, url)
    return attempt["file_name"], answer.body


def unpack(name, body):
    """The type of extension in a package, found as the installer finds it."""
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if extension not in ARCHIVES:
        raise Failure("unpack error: \"%s\" is no archive by its name" % name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        names = [entry for entry in archive.namelist() if not entry.endswith("/")]
    except zipfile.BadZipFile as error:
        raise Failure("unpack error: %s" % error) from error
    tops = {entry.split("/")[0] for entry in names}
    if len(tops) == 1 and all("/" in entry for entry in names):
        top = tops.pop() + "/"
    else:
        top = ""
    candidates = sorted((entry[len(top):].count("/"), entry) for entry in names if entry.endswith(".xml"))
    for depth, entry in candidates:
        if depth > 1:
            continue
        seen = []
        try:
            sax(archive.read(entry), lambda found, attributes: seen.append((found, attributes)),
                lambda found: None, lambda piece: None)
        except Failure:
            continue
        if seen and seen[0][0] == "EXTENSION":
            return seen[0][1].get("TYPE")
    raise Failure("unpack error: no manifest was found")


def verify(body, texts):
    """Compares every checksum that is given with the text as it stands."""
    given = False
    for algorithm in ("sha256", "sha384", "sha512"):
        text = texts.get(algorithm.upper())
        if text is None:
            continue
        given = True
        if hashlib.new(algorithm, body).hexdigest() != text.lower():
            raise Failure("the checksum %s is wrong" % algorithm)
    return given


def install(row, site, report):
    """The second fetch, the download, and the checks before the files are copied."""
    answer = get(row["detailsurl"], site.agent)
    report["fetches"].append({"url": row["detailsurl"], "status": answer.status, "failure": None})
    if answer.status != 200:
        raise Failure("the second fetch had status %d" % answer.status)
    reading = Reading(site, again=True)
    sax(answer.body, reading.start, reading.end, reading.text)
    texts = reading.latest["texts"] if reading.latest else {}
    if not texts.get("DOWNLOADURL"):
        raise Failure("the update has no download address")
    report["installs"] = {"version": texts.get("VERSION"), "attempts": []}
    attempts = report["installs"]["attempts"]
    for url in [texts["DOWNLOADURL"], *reading.sources]:
        package = download(with_query(url, site.extra_query), site, attempts)
        if package is not None:
            break
    else:
        raise Failure("package download failed")
    name, body = package
    report["installs"].update({
        "file_name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(),
        "type": unpack(name, body), "verified": verify(body, texts),
    })


class Site:
    def __init__(self, options):
        self.joomla, self.php = options.joomla, options.php
        self.stability = STABILITIES[options.stability]
        self.database = tuple(options.database.split(":", 1)) if options.database else None
        self.installed = options.installed
        self.extra_query = options.extra_query
        self.raw_ampersand = options.raw_ampersand
        self.agent = "Joomla/%s Joomla/%s" % (options.joomla, ".".join(options.joomla.split(".")[:2]))
        self.extension = None
        if options.extension:
            element, kind, client, folder = (options.extension.split(",") + ["", "", ""])[:4]
            self.extension = (element, kind, CLIENTS[client or "administrator"], folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="the address in the manifest's <updateservers>")
    parser.add_argument("--joomla", default="5.2.1", help="the site's full version")
    parser.add_argument("--php", default="8.2.0")
    parser.add_argument("--stability", choices=STABILITIES, default="stable")
    parser.add_argument("--database", help="such as mysql:8.0.30")
    parser.add_argument("--installed", help="the version installed; without it every version is newer")
    parser.add_argument("--extension", help="element,type,client,folder of the installed extension")
    parser.add_argument("--extra-query", default="", help="what the site stores behind its download addresses")
    parser.add_argument("--raw-ampersand", action="store_true", help="sends &amp; as it stands")
    parser.add_argument("--find-only", action="store_true", help="looks for the update and does not install it")
    options = parser.parse_args()
    site = Site(options)
    report = {"offered": None, "judged": [], "notices": [], "fetches": [], "installs": None, "failure": None}
    try:
        _, listed = fetch_list(options.url, site, report)
        report["judged"], report["notices"] = listed["judged"], listed["notices"]
        row = choose(listed["updates"], site)
        report["offered"] = row
        if row is not None and not options.find_only:
            install(row, site, report)
    except Failure as failure:
        report["failure"] = str(failure)
    json.dump(report, sys.stdout, indent=1)
    print()
    return 1 if report["failure"] else 0


if __name__ == "__main__":
    sys.exit(main())
