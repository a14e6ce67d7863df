//! Where connections go, and where they must not, whatever is written or answered.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use hyper::{HeaderMap, header};
use tokio::net::TcpStream;

use super::{
    dial::{Network, Step},
    *,
};
use crate::article::AbsoluteUrl;

const PUBLIC: &str = "93.184.215.14";

/// A world in which names mean what a test says, one answer after the other, and every public
/// address leads to one server of this machine.
#[derive(Default)]
struct World {
    names: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    dialled: Mutex<Vec<SocketAddr>>,
    server: Option<SocketAddr>,
}

impl World {
    /// `name=address,address;address` has two answers; the last one stays.
    fn of(names: &[&str], server: Option<SocketAddr>) -> Arc<Self> {
        let names = names.iter().map(|line| {
            let (name, answers) = line.split_once('=').unwrap();
            let answers = answers.split(';').map(|answer| {
                let addresses = answer.split(',').filter(|text| !text.is_empty());
                addresses.map(|text| text.parse().unwrap()).collect()
            });
            (name.to_owned(), answers.collect())
        });
        Arc::new(Self {
            names: Mutex::new(names.collect()),
            dialled: Mutex::default(),
            server,
        })
    }

    fn dialled(&self) -> Vec<String> {
        let dialled = self.dialled.lock().unwrap();
        dialled.iter().map(ToString::to_string).collect()
    }
}

impl Network for World {
    fn resolve<'a>(&'a self, host: &'a str) -> Step<'a, Vec<IpAddr>> {
        let mut names = self.names.lock().unwrap();
        let answers = names.get_mut(host);
        let found = answers.map(|answers| {
            if answers.len() > 1 {
                answers.remove(0)
            } else {
                answers[0].clone()
            }
        });
        Box::pin(async move { found.ok_or_else(|| std::io::Error::other("no such name")) })
    }

    fn connect(&self, address: SocketAddr) -> Step<'_, TcpStream> {
        self.dialled.lock().unwrap().push(address);
        Box::pin(async move {
            match self.server {
                Some(server) => TcpStream::connect(server).await,
                None => Err(std::io::Error::other("nobody is there")),
            }
        })
    }
}

fn limits() -> Limits {
    Limits {
        bytes: 1024 * 1024,
        head: Duration::from_secs(20),
        time: Duration::from_secs(30),
        redirects: 3,
    }
}

fn rules() -> Rules {
    Rules {
        allow_private: Vec::new(),
        port: None,
    }
}

/// Asks in a world; the answer's status and body, or what is said of the failure.
fn ask(world: &Arc<World>, url: &str, limits: Limits, rules: Rules) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let network: Arc<dyn Network> = Arc::<World>::clone(world);
    let fetcher = Fetcher::on(network, limits, rules).unwrap();
    let url = AbsoluteUrl::parse(url).map_err(|error| error.to_string())?;
    let mut fields = HeaderMap::new();
    fields.insert(header::AUTHORIZATION, "Bearer secret".parse().unwrap());
    let answer = runtime
        .block_on(fetcher.ask(&url, &fields))
        .map_err(|error| error.to_string())?;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    Ok(format!("{} {body}", answer.status.as_u16()))
}

/// A server that answers each request by its number with these bytes, and keeps the heads.
fn server(answers: Vec<Vec<u8>>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        let mut answers = answers.into_iter();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut head = String::new();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let Ok(line) = line else { break };
                if line.is_empty() {
                    break;
                }
                head.push_str(&line.to_ascii_lowercase());
                head.push('\n');
            }
            kept.lock().unwrap().push(head);
            let Some(answer) = answers.next() else { return };
            let _ = stream.write_all(&answer);
        }
    });
    (address, heads)
}

fn reply(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn redirect(to: &str) -> Vec<u8> {
    reply(&format!("302 Found\r\nLocation: {to}"), b"")
}

/// Private, loopback, link-local, shared, reserved, translated: as addresses, in every
/// notation that a URL may have, and behind names.
const REFUSED: [&str; 72] = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.0.0.53",
    "127.255.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.31.196.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    // Decimal, octal, hexadecimal, short, mixed, with a dot at the end.
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0177.0x0.0.0x1",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "0",
    "0x0",
    "10.1",
    "0xa.1",
    "0300.0250.1",
    "3232235521",
    "2852039166",
    "0xA9FEA9FE",
    "169.254.43518",
    "%31%32%37.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.０.０.１",
    // IPv6, and IPv4 within it.
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:93.184.215.14]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001::1]",
    "[2001:2::1]",
    "[2001:20::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[fc00::1]",
    "[fe80::1]",
    "[ff02::1]",
];

#[test]
fn no_notation_of_an_address_leads_out_of_the_public_internet() {
    for host in REFUSED {
        for port in ["", ":443"] {
            let world = World::of(&[], None);
            let said = ask(&world, &format!("http://{host}{port}/"), limits(), rules());
            let said = said.unwrap_err();
            assert_eq!(world.dialled(), [""; 0], "{host}: {said}");
            assert!(said.contains("is no public address"), "{host}: {said}");
        }
    }
    // Their neighbours are public.
    for host in [
        "1.0.0.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "[2001:200::1]",
        "[2606:4700::1111]",
        "[2a00::1]",
        "[3ffe::1]",
    ] {
        let world = World::of(&[], None);
        let said = ask(&world, &format!("http://{host}/"), limits(), rules());
        assert_eq!(world.dialled(), [format!("{host}:80")], "{said:?}");
    }
}

#[test]
fn a_name_is_looked_up_once_and_dialled_as_it_was_checked() {
    // A name that has another meaning the second time.
    let rebinding = format!("rebind.example={PUBLIC};127.0.0.1");
    let (server, heads) = server(vec![reply("200 OK", b"one")]);
    let world = World::of(&[&rebinding], Some(server));
    let said = ask(&world, "http://rebind.example/", limits(), rules());
    assert_eq!(said.as_deref(), Ok("200 one"));
    assert_eq!(world.dialled(), [format!("{PUBLIC}:80")]);
    assert!(heads.lock().unwrap()[0].contains("host: rebind.example\n"));
    // The second time it is refused.
    let said = ask(&world, "http://rebind.example/", limits(), rules());
    assert!(said.unwrap_err().contains("127.0.0.1 is no public address"));
    assert_eq!(world.dialled().len(), 1);
    // Of several addresses only the public ones are tried.
    let mixed = format!("mixed.example=10.0.0.1,::1,{PUBLIC},fe80::1");
    let world = World::of(&[&mixed, "none.example="], None);
    let _ = ask(&world, "https://mixed.example/", limits(), rules());
    assert_eq!(world.dialled(), [format!("{PUBLIC}:443")]);
    for name in ["localhost", "LOCALHOST.", "none.example", "nowhere.example"] {
        let world = World::of(&["localhost=127.0.0.1,::1", "localhost.=127.0.0.1"], None);
        assert!(ask(&world, &format!("http://{name}/"), limits(), rules()).is_err());
        assert_eq!(world.dialled(), [""; 0], "{name}");
    }
}

#[test]
fn ports_and_private_networks_are_dialled_where_the_operator_says_so() {
    let world = World::of(&[], None);
    for port in [22, 25, 6379, 8080] {
        let said = ask(
            &world,
            &format!("http://{PUBLIC}:{port}/"),
            limits(),
            rules(),
        );
        assert!(
            said.unwrap_err()
                .contains("is neither 80, 443 nor that of url")
        );
    }
    assert_eq!(world.dialled(), [""; 0]);
    let own = Rules {
        allow_private: vec!["10.1.0.0/16".parse().unwrap(), "::1/128".parse().unwrap()],
        port: Some(8080),
    };
    for (host, is_dialled) in [
        ("10.1.2.3:8080", true),
        ("10.1.2.3", true),
        ("[::1]:8080", true),
        ("10.2.0.1:8080", false),
        ("10.1.2.3:8081", false),
        ("[::ffff:10.1.2.3]", false),
        ("127.0.0.1", false),
    ] {
        let world = World::of(&[], None);
        let _ = ask(&world, &format!("http://{host}/"), limits(), own.clone());
        assert_eq!(world.dialled().len(), usize::from(is_dialled), "{host}");
    }
}

#[test]
fn a_redirect_is_checked_like_the_first_address() {
    for target in [
        "http://127.0.0.1/",
        "//169.254.169.254/latest/meta-data/",
        "http://0x7f.1/",
        "http://[::ffff:7f00:1]/",
        "http://inside.example/",
        "http://www.example:6379/",
        "file:///etc/passwd",
        "gopher://www.example/",
        "http://user:word@www.example/",
    ] {
        let www = format!("www.example={PUBLIC}");
        let names = [www.as_str(), "inside.example=10.0.0.5"];
        let (server, _) = server(vec![redirect(target), reply("200 OK", b"inside")]);
        let world = World::of(&names, Some(server));
        let said = ask(&world, "http://www.example/", limits(), rules());
        assert!(said.is_err(), "{target}: {said:?}");
        assert_eq!(world.dialled(), [format!("{PUBLIC}:80")], "{target}");
    }
}

#[test]
fn redirects_have_an_end_and_take_no_secret_along() {
    let names = ["www", "other"].map(|name| format!("{name}.example={PUBLIC}"));
    let names = [names[0].as_str(), names[1].as_str()];
    let run = |answers: Vec<Vec<u8>>| {
        let (server, heads) = server(answers);
        let world = World::of(&names, Some(server));
        let said = ask(&world, "http://www.example/", limits(), rules());
        let heads = heads.lock().unwrap().clone();
        (said, heads)
    };
    let found = || reply("200 OK", b"found");
    let (said, heads) = run(vec![redirect("/a"), redirect("b"), redirect("?c"), found()]);
    assert_eq!(said.as_deref(), Ok("200 found"));
    assert!(heads.iter().all(|head| head.contains("bearer secret")));
    let (said, heads) = run(vec![redirect("/a"); 5]);
    assert_eq!(heads.len(), 4);
    assert!(said.unwrap_err().contains("after too many times"));
    let (said, heads) = run(vec![redirect("http://other.example/"), found()]);
    assert_eq!(said.as_deref(), Ok("200 found"));
    assert!(heads[0].contains("bearer secret") && !heads[1].contains("secret"));
    // Back at the first, it is the first's again.
    let back = redirect("http://www.example/z");
    let (_, heads) = run(vec![redirect("http://other.example/"), back, found()]);
    assert!(heads[2].contains("bearer secret"));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorReader::new(bytes, 4096, 9, 22)
        .read_to_end(&mut packed)
        .unwrap();
    packed
}

#[test]
fn bodies_are_unpacked_up_to_the_limit() {
    let name = format!("www.example={PUBLIC}");
    let run = |head: &str, body: &[u8]| {
        let (server, _) = server(vec![reply(&format!("200 OK\r\n{head}"), body)]);
        let world = World::of(&[&name], Some(server));
        ask(&world, "http://www.example/a?key=secret", limits(), rules())
    };
    for (coding, packed) in [
        ("gzip", gzip(b"words")),
        ("GZIP", gzip(b"words")),
        ("x-gzip", gzip(b"words")),
        ("br", brotli(b"words")),
        ("identity", b"words".to_vec()),
    ] {
        let said = run(&format!("Content-Encoding: {coding}"), &packed);
        assert_eq!(said.as_deref(), Ok("200 words"), "{coding}");
    }
    // A thousand times as large unpacked.
    let bomb = vec![b' '; 64 * 1024 * 1024];
    for (coding, packed) in [("gzip", gzip(&bomb)), ("br", brotli(&bomb))] {
        assert!(packed.len() < 100_000);
        let said = run(&format!("Content-Encoding: {coding}"), &packed).unwrap_err();
        assert_eq!(said, "http://www.example/a sends more than 1048576 bytes");
    }
    for (head, body, reason) in [
        (
            "Content-Encoding: gzip",
            b"words".to_vec(),
            "cannot be unpacked",
        ),
        (
            "Content-Encoding: gzip",
            gzip(b"words")[..12].to_vec(),
            "cannot be unpacked",
        ),
        (
            "Content-Encoding: br",
            b"\xFF\xFF\xFF".to_vec(),
            "cannot be unpacked",
        ),
        (
            "Content-Encoding: zstd",
            b"words".to_vec(),
            "was not asked for",
        ),
        (
            "Content-Encoding: gzip, gzip",
            gzip(&gzip(b"words")),
            "was not asked for",
        ),
        ("X: y", vec![b'a'; 1024 * 1024 + 1], "sends more than"),
    ] {
        let said = run(head, &body).unwrap_err();
        assert!(said.contains(reason), "{head}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn what_is_slow_endless_or_broken_off_is_given_up() {
    let name = format!("www.example={PUBLIC}");
    let short = Limits {
        head: Duration::from_secs(1),
        time: Duration::from_secs(2),
        ..limits()
    };
    // What is written, again and again.
    let run = |head: &'static [u8], drip: &'static [u8], pause: u64| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let world = World::of(&[&name], Some(listener.local_addr().unwrap()));
        std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            // What comes before there was a question is no answer.
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(head);
            while !drip.is_empty() && stream.write_all(drip).is_ok() {
                std::thread::sleep(Duration::from_millis(pause));
            }
        });
        let begun = Instant::now();
        let said = ask(&world, "http://www.example/", short, rules()).unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(20), "{said}");
        said
    };
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (head, drip, pause, reason) in [
        (
            &b"HTTP/1.1 200 OK\r\n"[..],
            &b"X: y\r\n"[..],
            300,
            "took longer than 1 seconds",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
            b"a",
            300,
            "took longer than 2 seconds",
        ),
        (
            CHUNKED,
            b"400\r\n\
          0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            100,
            "",
        ),
        (
            b"HTTP/1.1 200 OK\r\n\r\n",
            &[b'a'; 65_536],
            0,
            "sends more than 1048576 bytes",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf",
            b"",
            0,
            "cannot be reached",
        ),
        (CHUNKED, b"", 0, "cannot be reached"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", b"", 0, "cannot be reached"),
        (b"", b"", 0, "cannot be reached"),
    ] {
        let said = run(head, drip, pause);
        assert!(said.contains(reason), "{said}");
    }
}
