//! A batch: GETs packed into one POST, the one thing but GET that the client can send.
//!
//! A batch is made of addresses and of nothing else, so that it can hold no method but GET, no
//! body and no header of a caller's choice. The form is that of the vendor's page on batch
//! operations: `multipart/mixed`, at most 1,000 requests, worked off one after the other, answered
//! in their order; with `Prefer: odata.continue-on-error` also those behind one that failed
//! (MicrosoftDocs/powerapps-docs `webapi/execute-batch-operations-using-web-api`, dated 2023-01-14,
//! read 2026-11-23).

use reqwest::Url;

/// Separates the parts. Addresses hold no line break, so that it cannot be in one of them.
const BOUNDARY: &str = "batch_clearance";

/// The longest address of a part: 65,536 characters by the vendor's page, and a little is left.
pub(super) const LONGEST_URL: usize = 65_000;

/// GETs that go together.
#[derive(Debug)]
pub(super) struct Batch {
    body: String,
    len: usize,
}

/// What the server answered to one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part<'t> {
    pub(super) status: u16,
    pub(super) body: &'t str,
}

impl Batch {
    /// The server takes no more in one batch.
    pub(super) const MOST: usize = 1000;

    /// A batch that asks for these addresses, of which there may be [`Batch::MOST`].
    pub(super) fn of_gets(addresses: &[Url]) -> Batch {
        debug_assert!(addresses.len() <= Batch::MOST, "a batch has its limit");
        let mut body = String::new();
        for address in addresses {
            let query = address
                .query()
                .map(|query| format!("?{query}"))
                .unwrap_or_default();
            body.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
                 GET {}{query} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n",
                address.path()
            ));
        }
        body.push_str(&format!("--{BOUNDARY}--\r\n"));
        Batch {
            body,
            len: addresses.len(),
        }
    }

    /// How many answers there must be.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Value of the header `Content-Type`.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/mixed; boundary=\"{BOUNDARY}\"")
    }

    /// The text that is sent.
    pub(super) fn body(&self) -> &str {
        &self.body
    }
}

/// The parts of an answer, in their order.
///
/// # Errors
/// If the text is no such answer, or ends before its end.
pub(super) fn parts<'t>(content_type: &str, text: &'t str) -> Result<Vec<Part<'t>>, String> {
    let boundary = boundary(content_type).ok_or("the answer to a batch is not in parts")?;
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    // Where the part begins that is being read; what stands before the first is nobody's.
    let mut begin: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix(&delimiter) {
            if let Some(begin) = begin {
                parts.push(part(&text[begin..at])?);
            }
            match rest.trim_end() {
                "--" => return Ok(parts),
                "" => begin = Some(at + line.len()),
                _ => return Err("the parts of the answer to a batch are not divided cleanly".to_owned()),
            }
        }
        at += line.len();
    }
    Err("the answer to a batch ends before its last part".to_owned())
}

/// The parameter `boundary` of a `multipart/…`.
fn boundary(content_type: &str) -> Option<&str> {
    let mut pieces = content_type.split(';').map(str::trim);
    let kind = pieces.next()?;
    if !kind.get(..10)?.eq_ignore_ascii_case("multipart/") {
        return None;
    }
    let value = pieces.find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    let value = value.trim().trim_matches('"');
    (!value.is_empty()).then_some(value)
}

/// One part: headers of its own, then an HTTP answer with status line, headers and body.
fn part(text: &str) -> Result<Part<'_>, String> {
    let (_, http) = behind_blank_line(text).ok_or("a part of the answer to a batch has no answer in it")?;
    let (head, body) = behind_blank_line(http).unwrap_or((http, ""));
    let status = head
        .strip_prefix("HTTP/")
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.trim().parse().ok())
        .ok_or("a part of the answer to a batch has no status")?;
    Ok(Part {
        status,
        body: body.trim_end(),
    })
}

/// What stands before and behind the first blank line.
fn behind_blank_line(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end().is_empty() {
            return Some((&text[..at], &text[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_written_as_the_vendor_shows_it() {
        let addresses = [
            "https://x.example/api/data/v9.2/a?$select=b",
            "https://x.example/api/data/v9.2/c",
        ]
        .map(|address| Url::parse(address).expect("an address"));
        let batch = Batch::of_gets(&addresses);
        assert_eq!(batch.len(), 2);
        assert_eq!(
            batch.content_type(),
            "multipart/mixed; boundary=\"batch_clearance\""
        );
        assert_eq!(
            batch.body(),
            "--batch_clearance\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
             GET /api/data/v9.2/a?$select=b HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n\
             --batch_clearance\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
             GET /api/data/v9.2/c HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n\
             --batch_clearance--\r\n"
        );
    }

    /// Whatever an address holds, no line of the batch but the GETs names a method.
    #[test]
    fn an_address_cannot_smuggle_in_another_request() {
        let address = Url::parse("https://x.example/a?b=\r\n\r\n--batch_clearance\r\n\r\nDELETE /c HTTP/1.1")
            .expect("an address");
        let batch = Batch::of_gets(&[address]);
        let delimiters = batch.body().lines().filter(|line| line.starts_with("--"));
        assert_eq!(delimiters.count(), 2);
        assert!(!batch.body().lines().any(|line| line.starts_with("DELETE")));
    }

    /// In the form of the vendor's sample, with either kind of line end.
    #[test]
    fn answers_come_back_in_order() {
        let text = "--batchresponse_1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n\
                    HTTP/1.1 400 Bad Request\nREQ_ID: 5\nContent-Type: application/json\n\n{\"error\":{}}\n\
                    --batchresponse_1\nContent-Type: application/http\n\nHTTP/1.1 204 No Content\nOData-Version: 4.0\n\n\n\
                    --batchresponse_1\nContent-Type: application/http\n\nHTTP/1.1 200 OK\n\n{\n  \"--batchresponse_1\": 1\n}\n\
                    --batchresponse_1--\n";
        let expected = [
            Part {
                status: 400,
                body: "{\"error\":{}}",
            },
            Part {
                status: 204,
                body: "",
            },
            Part {
                status: 200,
                body: "{\n  \"--batchresponse_1\": 1\n}",
            },
        ];
        let windows = text.replace('\n', "\r\n");
        for kind in [
            "multipart/mixed; boundary=batchresponse_1",
            "Multipart/Mixed; charset=utf-8; Boundary=\"batchresponse_1\"",
        ] {
            assert_eq!(parts(kind, text).expect("parts"), expected);
            let answers = parts(kind, &windows).expect("parts");
            assert_eq!(answers.len(), 3);
            assert_eq!(answers[0], expected[0]);
        }
    }

    #[test]
    fn broken_answers_are_told() {
        let kind = "multipart/mixed; boundary=b";
        let cases = [
            ("application/json", "{}", "the answer to a batch is not in parts"),
            (
                "multipart/mixed",
                "--b--",
                "the answer to a batch is not in parts",
            ),
            (kind, "", "the answer to a batch ends before its last part"),
            (
                kind,
                "--b\n\nHTTP/1.1 200 OK\n\n{}\n",
                "the answer to a batch ends before its last part",
            ),
            (
                kind,
                "--b\n--b--\n",
                "a part of the answer to a batch has no answer in it",
            ),
            (
                kind,
                "--b\n\nnothing\n--b--\n",
                "a part of the answer to a batch has no status",
            ),
            (
                kind,
                "--bc\n\nHTTP/1.1 200 OK\n--b--\n",
                "the parts of the answer to a batch are not divided cleanly",
            ),
        ];
        for (kind, text, said) in cases {
            assert_eq!(parts(kind, text), Err(said.to_owned()), "{text}");
        }
    }
}
