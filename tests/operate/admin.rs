//! The operator's own listener.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
};

use crate::process::{Answer, Dateline, Site, ask, get, tool};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const BEARER: &str = "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\n";
/// The same as a browser sends it: base64 of `:TOKEN`.
const BASIC: &str = "Authorization: Basic OjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm\r\n";

/// A site with a listener for operators, and where that is.
fn start(site: &Site, more: &str) -> (Dateline, SocketAddr, SocketAddr) {
    site.configure(&format!("[admin]\nlisten = \"127.0.0.1:0\"\n{more}"));
    let mut dateline = site.start();
    let admin = dateline.operators();
    let public = dateline.address();
    (dateline, admin, public)
}

fn send(address: SocketAddr, method: &str, path: &str, fields: &str) -> Answer {
    ask(
        &mut TcpStream::connect(address).unwrap(),
        method,
        path,
        fields,
    )
    .unwrap()
}

#[test]
fn probes_need_no_token_and_everything_else_does() {
    let site = Site::new();
    let (_dateline, admin, public) = start(&site, &format!("token = \"{TOKEN}\"\n"));
    assert_eq!(get(admin, "/live").body, "live\n");
    assert_eq!(get(admin, "/ready").body, "ready\n");
    let spoofed = "X-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\n";
    for path in ["/", "/status", "/status.json", "/metrics", "/nothing"] {
        for fields in [
            "",
            spoofed,
            "Authorization: Bearer 0123456789abcdef\r\n",
            "Authorization: Basic Og==\r\n",
        ] {
            let answer = send(admin, "GET", path, fields);
            assert_eq!(answer.status, 401, "{path} {fields}");
            assert!(!answer.body.contains("content"), "{answer:?}");
        }
        assert_ne!(send(admin, "GET", path, BEARER).status, 401, "{path}");
        assert_ne!(send(admin, "GET", path, BASIC).status, 401, "{path}");
    }
    assert_eq!(send(admin, "POST", "/refresh", "").status, 401);
    // The public side has none of it.
    for path in ["/live", "/ready", "/status", "/metrics", "/refresh"] {
        assert_eq!(get(public, path).status, 404, "{path}");
    }
}

#[test]
fn an_address_that_can_be_reached_from_outside_needs_a_token() {
    let site = Site::new();
    site.configure("[admin]\nlisten = \"0.0.0.0:0\"\n");
    let output = site.command("serve", &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("can be reached from outside, and there is no"),
        "{said}"
    );
    assert!(said.contains("token_file = \"admin.token\""), "{said}");
}

#[test]
fn a_faulty_token_is_not_shown() {
    let site = Site::new();
    let short = "hunter2-hunter";
    site.configure(&format!(
        "[admin]\nlisten = \"127.0.0.1:0\"\ntoken = \"{short}\"\n"
    ));
    let output = site.command("check", &[]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("must be 16 visible ASCII characters"),
        "{said}"
    );
    assert!(said.contains("token = ****"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_page_of_another_site_cannot_give_orders() {
    let site = Site::new();
    let (_dateline, admin, _) = start(&site, "");
    let host = format!("Host: {admin}\r\n");
    let order = |fields: &str| {
        let mut stream = TcpStream::connect(admin).unwrap();
        let head = format!(
            "POST /refresh HTTP/1.1\r\n{fields}Connection: close\r\nContent-Length: 0\r\n\r\n"
        );
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        let answer = std::io::read_to_string(stream).unwrap();
        answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    assert_eq!(order(&host), 200);
    assert_eq!(
        order(&format!(
            "{host}Origin: http://{admin}\r\nSec-Fetch-Site: same-origin\r\n"
        )),
        200
    );
    assert_eq!(
        order(&format!("{host}Origin: https://evil.example\r\n")),
        403
    );
    assert_eq!(order(&format!("{host}Sec-Fetch-Site: cross-site\r\n")), 403);
    assert_eq!(order(&format!("{host}Origin: null\r\n")), 403);
    // A name that its owner lets point at this machine: nothing can be read by it either.
    let read = |path: &str, host: &str| {
        let mut stream = TcpStream::connect(admin).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        let answer = std::io::read_to_string(stream).unwrap();
        answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    for path in ["/status", "/status.json", "/metrics"] {
        assert_eq!(read(path, "rebound.example:9180"), 403, "{path}");
        assert_eq!(read(path, "localhost:9180"), 200, "{path}");
    }
    assert_eq!(read("/ready", "rebound.example:9180"), 200);
    assert_eq!(
        order("Host: rebound.example:9180\r\nOrigin: http://rebound.example:9180\r\n"),
        403
    );
}

#[test]
fn a_held_change_is_shown_and_accepted_with_a_button() {
    let site = Site::new();
    for number in 4..=12 {
        site.article(number, "more");
    }
    let (mut dateline, admin, public) = start(&site, &format!("token = \"{TOKEN}\"\n"));
    let page = send(admin, "GET", "/status", BEARER);
    assert!(page.body.contains("All is well"), "{}", page.body);
    for number in 1..=9 {
        fs::remove_file(site.path(&format!("content/a{number}.md"))).unwrap();
    }
    let message = dateline.says("held:");
    assert!(
        message.contains("9 of 12 articles would be gone"),
        "{message}"
    );
    let page = send(admin, "GET", "/status", BEARER);
    assert!(page.body.contains("A change is held until you accept it"));
    assert!(page.body.contains("9 articles would be gone"));
    assert!(page.body.contains("Article 3"));
    assert!(page.body.contains("action=\"/accept\""));
    let status = send(admin, "GET", "/status.json", BEARER).body;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let held = &status["source"]["trouble"]["held"];
    assert_eq!(held["gone"].as_array().unwrap().len(), 9, "{status}");
    let metrics = send(admin, "GET", "/metrics", BEARER).body;
    assert!(metrics.contains("\ndateline_refresh_held 1\n"), "{metrics}");
    assert!(metrics.contains("\ndateline_source_up 1\n"), "{metrics}");
    assert_eq!(get(admin, "/ready").status, 200);
    assert!(get(public, "/sitemap.xml").body.contains("/a1/"));
    let led_back = send(
        admin,
        "POST",
        "/accept",
        &format!("{BASIC}Accept: text/html\r\nContent-Length: 0\r\n"),
    );
    assert_eq!(
        (led_back.status, led_back.field("location")),
        (303, Some("/status"))
    );
    assert!(!get(public, "/sitemap.xml").body.contains("/a1/"));
    assert!(
        send(admin, "GET", "/status", BEARER)
            .body
            .contains("All is well")
    );
}

#[test]
fn a_change_that_the_command_accepts_is_served_by_the_running_server() {
    let site = Site::new();
    for number in 4..=12 {
        site.article(number, "more");
    }
    let (mut dateline, _, public) = start(&site, "");
    for number in 1..=9 {
        fs::remove_file(site.path(&format!("content/a{number}.md"))).unwrap();
    }
    dateline.says("held:");
    assert!(site.command("accept", &[]).status().unwrap().success());
    dateline.says("refreshed: 3 articles");
    assert!(!get(public, "/sitemap.xml").body.contains("/a1/"));
}

#[test]
fn rejected_articles_and_hostile_texts_are_shown_and_harmless() {
    let site = Site::new();
    let name = "<script>alert(1)</script>&\".md";
    fs::write(
        site.path("content").join(name.replace('/', "_")),
        "---\ntitle: [\n---\n",
    )
    .unwrap();
    let (_dateline, admin, _) = start(&site, "");
    let page = send(admin, "GET", "/status", "");
    assert!(
        page.body.contains("&lt;script&gt;alert(1)"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script"), "{}", page.body);
    let policy = page.field("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let status = send(admin, "GET", "/status.json", "").body;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["phase"], "ready");
    assert_eq!(status["articles"], 3);
    assert_eq!(status["rejected"][0]["kind"], "syntax");
    assert_eq!(status["documents"].as_array().unwrap().len(), 7);
    assert_eq!(
        status["documents"][0]["evidence"],
        "the newest change in it"
    );
    let asked = send(admin, "GET", "/status", "Accept: application/json\r\n");
    assert_eq!(asked.field("content-type"), Some("application/json"));
}

#[test]
fn metrics_please_their_own_linter_and_nobody_adds_a_series() {
    let site = Site::new();
    let (_dateline, admin, public) = start(&site, "");
    let lint = |text: &str| tool("promtool", "prometheus", &["check", "metrics"], text);
    let metrics = get(admin, "/metrics");
    assert_eq!(
        lint(&metrics.body),
        (true, String::new()),
        "{}",
        metrics.body
    );
    let (_, said) = lint(&metrics.body.replacen(
        "# HELP dateline_ready ",
        "# HELP dateline_redy ",
        1,
    ));
    assert!(
        said.contains("no help text"),
        "the linter has gone silent: {said}"
    );
    let open = send(
        admin,
        "GET",
        "/metrics",
        "Accept: application/openmetrics-text; version=1.0.0\r\n",
    );
    assert!(
        open.field("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    assert!(open.body.ends_with("# EOF\n"));
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    for number in 0..200 {
        let agent = format!("User-Agent: agent-{number}\r\n");
        send(public, "GET", &format!("/{number}?{number}"), &agent);
        get(admin, &format!("/{number}"));
    }
    let after = get(admin, "/metrics").body;
    assert_eq!(series(&after), series(&metrics.body));
    let counted = "dateline_requests_by_reader_total{reader=\"other\",status=\"4xx\"} 200";
    assert!(after.contains(counted), "{after}");
}

#[test]
fn a_socket_in_the_file_system_is_for_its_owner_and_serves_the_commands() {
    let site = Site::new();
    site.configure("[admin]\nlisten = \"unix:admin.sock\"\n");
    let mut dateline = site.start();
    dateline.address();
    let path = site.path("admin.sock");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o660
    );
    let mut stream = UnixStream::connect(&path).unwrap();
    assert_eq!(ask(&mut stream, "GET", "/ready", "").unwrap().status, 200);
    let run = |name: &str| site.command(name, &[]).output().unwrap();
    let refreshed = run("refresh");
    assert_eq!(refreshed.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&refreshed.stdout).starts_with("refreshed: 3 articles"));
    assert_eq!(run("health").status.code(), Some(0));
    fs::rename(site.path("content"), site.path("gone")).unwrap();
    let failed = run("refresh");
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&failed.stderr).starts_with("failed: "));
    assert_eq!(
        run("health").status.code(),
        Some(0),
        "an origin that is gone is no reason to end the server"
    );
    // What a killed process leaves behind is replaced.
    dateline.kill();
    assert!(path.exists());
    assert_eq!(run("health").status.code(), Some(1));
    let mut dateline = site.start();
    dateline.address();
    assert_eq!(run("health").status.code(), Some(0));
    let (status, _) = dateline.stop();
    assert!(status.success());
    assert!(!path.exists(), "a process that ends tidies up");
}

/// A container that is ended because its configuration has a fault would not start again.
#[test]
fn a_faulty_configuration_makes_no_serving_server_unhealthy() {
    for admin in [true, false] {
        let site = Site::new();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap();
        drop(free);
        let sound = if admin {
            "[admin]\nlisten = \"unix:admin.sock\"\n".to_owned()
        } else {
            format!("[server]\nlisten = \"{listen}\"\n")
        };
        site.configure(&sound);
        let mut dateline = site.start_with(&[], &[]);
        dateline.address();
        for fault in ["x [\n", "unknown = 1\n", "[site]\nurl = 7\n"] {
            site.configure(&format!("{sound}{fault}"));
            dateline.says("refused:");
            let health = site.command("health", &[]).output().unwrap();
            assert_eq!(health.status.code(), Some(0), "{fault}: {health:?}");
        }
        dateline.kill();
        let health = site.command("health", &[]).output().unwrap();
        assert_eq!(health.status.code(), Some(1));
    }
}

#[test]
fn without_a_listener_for_operators_health_asks_the_public_one() {
    let site = Site::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    site.configure(&format!("[server]\nlisten = \"{address}\"\n"));
    let health = || site.command("health", &[]).output().unwrap();
    assert_eq!(health().status.code(), Some(1));
    let mut dateline = site.start_with(&[], &[]);
    dateline.address();
    assert_eq!(health().status.code(), Some(0));
    let refresh = site.command("refresh", &[]).output().unwrap();
    assert_eq!(refresh.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refresh.stderr).contains("add [admin]"));
}

#[test]
fn a13_3_what_fails_is_a_problem_to_a_program_and_words_to_a_person() {
    let site = Site::new();
    let (_dateline, admin, _) = start(&site, &format!("token = \"{TOKEN}\"\n"));
    for (method, path, token, status, title, detail) in [
        ("GET", "/status", "", 401, "Unauthorized", "Show the token"),
        (
            "GET",
            "/nothing",
            BEARER,
            404,
            "Not Found",
            "There is /live",
        ),
        (
            "GET",
            "/refresh",
            BEARER,
            405,
            "Method Not Allowed",
            "Not with",
        ),
        (
            "POST",
            "/refresh",
            &format!("{BEARER}Origin: https://evil.example\r\n"),
            403,
            "Forbidden",
            "another site's page",
        ),
    ] {
        for accept in ["application/json", "application/problem+json, */*;q=0.1"] {
            let fields = format!("{token}Accept: {accept}\r\n");
            let answer = send(admin, method, path, &fields);
            assert_eq!(answer.status, status, "{path}");
            let media_type = answer.field("content-type");
            assert_eq!(media_type, Some("application/problem+json"), "{path}");
            let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(problem["type"], "about:blank");
            assert_eq!(problem["title"], title);
            assert_eq!(problem["status"], status);
            assert!(problem["detail"].as_str().unwrap().contains(detail));
            assert_eq!(problem.as_object().unwrap().len(), 4, "{problem}");
        }
        for fields in [
            token.to_owned(),
            format!("{token}Accept: text/html, application/json;q=0.9\r\n"),
        ] {
            let answer = send(admin, method, path, &fields);
            let media_type = answer.field("content-type");
            assert_eq!(media_type, Some("text/plain; charset=utf-8"), "{path}");
            assert!(answer.body.contains(detail), "{}", answer.body);
        }
    }
    let refused = send(admin, "GET", "/status", "Accept: application/json\r\n");
    assert!(refused.field("www-authenticate").is_some(), "it stays");
    let fine = send(
        admin,
        "GET",
        "/status",
        &format!("{BEARER}Accept: application/json\r\n"),
    );
    assert_eq!(fine.field("content-type"), Some("application/json"));
}
