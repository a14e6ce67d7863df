//! Serves one body, plain and as gzip, and 304 to whoever shows a tag, with the response
//! fields that it is given: `bare PORT FOLDER`, where the folder holds `plain`, `gzip` and
//! the field lines of each answer in `plain.fields`, `gzip.fields` and `304.fields`.

use std::{convert::Infallible, env, error::Error, fs, path::Path, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::Incoming,
    header::{ACCEPT_ENCODING, HeaderName, HeaderValue, IF_NONE_MATCH},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

struct Answers {
    plain: (HeaderMap, Bytes),
    gzip: (HeaderMap, Bytes),
    not_modified: HeaderMap,
}

fn fields(folder: &Path, name: &str) -> Result<HeaderMap, Box<dyn Error>> {
    let mut fields = HeaderMap::new();
    for line in fs::read_to_string(folder.join(name))?.lines() {
        let (name, value) = line.split_once(": ").ok_or("no field")?;
        let name = HeaderName::from_bytes(name.as_bytes())?;
        fields.append(name, HeaderValue::from_str(value)?);
    }
    Ok(fields)
}

fn answer(answers: &Answers, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let asked = request.headers();
    let (status, fields, body) = if asked.contains_key(IF_NONE_MATCH) {
        (
            StatusCode::NOT_MODIFIED,
            &answers.not_modified,
            Bytes::new(),
        )
    } else if asked
        .get(ACCEPT_ENCODING)
        .is_some_and(|coding| coding == "gzip")
    {
        (StatusCode::OK, &answers.gzip.0, answers.gzip.1.clone())
    } else {
        (StatusCode::OK, &answers.plain.0, answers.plain.1.clone())
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = fields.clone();
    response
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let port: u16 = arguments.next().ok_or("no port")?.parse()?;
    let folder = arguments.next().ok_or("no folder")?;
    let folder = Path::new(&folder);
    let body = |name: &str| fs::read(folder.join(name)).map(Bytes::from);
    let answers = Arc::new(Answers {
        plain: (fields(folder, "plain.fields")?, body("plain")?),
        gzip: (fields(folder, "gzip.fields")?, body("gzip")?),
        not_modified: fields(folder, "304.fields")?,
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = answer(&answers, &request);
                    async move { Ok::<_, Infallible>(response) }
                });
                let connection = http1::Builder::new()
                    .header_read_timeout(None)
                    .serve_connection(TokioIo::new(socket), service);
                let _ = connection.await;
            });
        }
    })
}
