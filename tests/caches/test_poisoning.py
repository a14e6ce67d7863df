"""T11: 500 forms of Host, X-Forwarded-* and the like, none of which reaches a byte of output.

Directly and through each cache; afterwards the cache still has the true documents."""

import itertools
import socket

import pytest

from dateline import get

NAMES = [
    "Host",
    "Forwarded",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-For",
    "X-Forwarded-Server",
    "X-Host",
    "X-HTTP-Host-Override",
    "X-Original-Host",
    "X-Original-URL",
    "X-Rewrite-URL",
]
VALUES = [
    "evil.example",
    "evil.example:443",
    "evil.example.",
    "EVIL.example",
    "backend.example, evil.example",
    "backend.example@evil.example",
    "http://evil.example/",
    "host=evil.example;proto=evil",
    'for=1.2.3.4;host="evil.example"',
    "/evil.xml",
]
PATHS = ["/rss.xml", "/atom.xml", "/sitemap.xml", "/robots.txt"]


def exchange(url, request):
    """Sends bytes as they are, and gives head and body of the answer."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body


def requests():
    for name, value, path in itertools.product(NAMES, VALUES, PATHS):
        host = "" if name == "Host" else "Host: backend.example\r\n"
        yield path, f"GET {path} HTTP/1.1\r\n{host}{name}: {value}\r\nConnection: close\r\n\r\n"
    for path in PATHS:
        ends = "Connection: close\r\n\r\n"
        two = "Host: backend.example\r\nHost: evil.example\r\n"
        yield path, f"GET {path} HTTP/1.1\r\n{two}{ends}"
        yield path, f"GET http://evil.example{path} HTTP/1.1\r\nHost: evil.example\r\n{ends}"
        yield path, f"GET {path} HTTP/1.1\r\n{ends}"
        yield path, f"GET {path} HTTP/1.1\r\nHost:\r\n{ends}"


def poison(url, documents):
    """Sends every form, and checks every answer; gives how many were documents."""
    served = 0
    for path, request in requests():
        head, body = exchange(url, request.encode())
        status = int(head.split()[1]) if head else 400
        if status == 200:
            assert b"evil" not in head.lower(), request
            assert unchunked(head, body) == documents[path], request
            served += 1
        else:
            # Refused: error pages of a proxy may say what they refuse, and are not kept.
            assert 400 <= status < 500, (status, request)
    return served


def unchunked(head, body):
    if b"transfer-encoding: chunked" not in head.lower():
        return body
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        whole += body[:length]
        body = body[length + 2 :]
    return whole


def test_t11_nothing_that_is_sent_poisons_a_document(dateline):
    documents = {path: dateline.get(path).body for path in PATHS}
    assert sum(1 for _ in requests()) >= 500
    assert poison(dateline.url, documents) >= 480


def test_t11_nothing_that_is_sent_poisons_a_cache(cache, dateline):
    documents = {path: dateline.get(path).body for path in PATHS}
    assert poison(cache.url, documents) >= 400
    for path in PATHS:
        answer = get(cache.url, path)
        assert (answer.status, answer.body) == (200, documents[path])
        assert "evil" not in str(answer.fields).lower()


def test_the_check_notices_a_document_that_is_poisoned(dateline):
    """The broken twin: the true documents are others than these."""
    with pytest.raises(AssertionError):
        poison(dateline.url, {path: b"https://evil.example/" for path in PATHS})
