//! A tiny HTTP client over a plain socket, so that the tests see bytes as the simulator sends them.

// Each test program uses some of it.
#![allow(dead_code, clippy::expect_used)]

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use dataverse_simulator::Simulator;
use serde_json::Value;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        let json = self.json();
        json["value"]
            .as_array()
            .unwrap_or_else(|| panic!("no rows: {json}"))
            .clone()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .expect("an error")
            .to_owned()
    }
}

/// Sends one request; an answer that ends too early is an error.
pub(crate) fn send(
    simulator: &Simulator,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> io::Result<Answer> {
    send_body(simulator, method, target, headers, "")
}

/// POST of a text, signed in.
pub(crate) fn post(simulator: &Simulator, target: &str, content: &str, prefer: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", simulator.token());
    let length = body.len().to_string();
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", content),
        ("Content-Length", &length),
        ("Prefer", prefer),
    ];
    send_body(simulator, "POST", target, &headers, body).expect("an answer")
}

/// A request of any method with JSON, signed in.
pub(crate) fn request(simulator: &Simulator, method: &str, target: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", simulator.token());
    let length = body.len().to_string();
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("Content-Length", &length),
    ];
    send_body(simulator, method, target, &headers, body).expect("an answer")
}

fn send_body(
    simulator: &Simulator,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let url = simulator.url();
    let host = url
        .trim_start_matches("http://")
        .split('/')
        .next()
        .expect("a host")
        .to_owned();
    let mut stream = TcpStream::connect(&host)?;
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    )?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "\r\n{body}")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or_else(short)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .ok_or_else(short)?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let answer = Answer {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
    };
    match answer
        .header("content-length")
        .and_then(|length| length.parse::<usize>().ok())
    {
        Some(length) if answer.body.len() < length => Err(short()),
        _ => Ok(answer),
    }
}

/// GET of a resource of the Web API, signed in. The resource is sent as it is.
pub(crate) fn get(simulator: &Simulator, resource: &str) -> Answer {
    get_preferring(simulator, resource, "")
}

/// The same with a `Prefer` header.
pub(crate) fn get_preferring(simulator: &Simulator, resource: &str, prefer: &str) -> Answer {
    let url = simulator.url();
    let start = url
        .trim_start_matches("http://")
        .split_once('/')
        .map_or(String::new(), |(_, path)| format!("/{path}"));
    let version = if start.is_empty() { "v9.2" } else { "v9.1" };
    get_target(
        simulator,
        &format!("{start}/api/data/{version}/{resource}"),
        prefer,
    )
}

/// GET of a path and query, signed in.
pub(crate) fn get_target(simulator: &Simulator, target: &str, prefer: &str) -> Answer {
    let bearer = format!("Bearer {}", simulator.token());
    let mut headers = vec![("Authorization", bearer.as_str()), ("Accept", "application/json")];
    if !prefer.is_empty() {
        headers.push(("Prefer", prefer));
    }
    send(simulator, "GET", target, &headers).expect("an answer")
}

/// Path and query of a page's next link.
pub(crate) fn next_target(answer: &Answer) -> Option<String> {
    let json = answer.json();
    let link = json["@odata.nextLink"].as_str()?;
    let (_, target) = link.split_once("://")?.1.split_once('/')?;
    Some(format!("/{target}"))
}

/// All rows of a table, page by page.
pub(crate) fn all(simulator: &Simulator, resource: &str, page: usize) -> Vec<Value> {
    let prefer = format!("odata.maxpagesize={page}");
    let mut answer = get_preferring(simulator, resource, &prefer);
    let mut rows = answer.rows();
    while let Some(target) = next_target(&answer) {
        answer = get_target(simulator, &target, &prefer);
        let more = answer.rows();
        assert!(!more.is_empty() && more.len() <= page);
        rows.extend(more);
    }
    rows
}
