# Varnish in front of Dateline. Check it with: varnishd -C -f dateline.vcl
#
# Varnish fetches gzip, keeps that, and unpacks it for the few that cannot read it. Validators
# are weak and the same for both, so each is right for the other.

vcl 4.1;

import std;

backend dateline {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 2s;
    .first_byte_timeout = 10s;
    .probe = {
        .url = "/robots.txt";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

sub vcl_recv {
    # Nothing selects a document but the path.
    set req.url = regsub(req.url, "\?.*$", "");
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # While Dateline answers, stale means an hour at most (stale-while-revalidate); when it
    # does not, as long as the document itself allows (stale-if-error, below).
    if (std.healthy(req.backend_hint)) {
        set req.grace = 1h;
    }
    return (hash);
}

sub vcl_hash {
    # Not by host: it reaches no byte of any document.
    hash_data(req.url);
    return (lookup);
}

sub vcl_backend_response {
    # An answer that names no stale time has none: an article is due when it ends.
    set beresp.grace = 0s;
    if (beresp.http.Cache-Control ~ "stale-if-error=[0-9]+") {
        set beresp.grace = std.duration(
            regsub(beresp.http.Cache-Control, "^.*stale-if-error=([0-9]+).*$", "\1s"), 0s);
    }
    # What is kept is better than an error.
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
}

sub vcl_deliver {
    if (obj.hits > 0) {
        set resp.http.X-Cache-Status = "HIT";
    } else {
        set resp.http.X-Cache-Status = "MISS";
    }
}
