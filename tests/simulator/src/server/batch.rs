//! `$batch`: many requests in one, as the vendor's page on batch operations has it (dated 2023-01-14): at
//! most 1,000, one after the other, answered in their order, and to the end only with
//! `Prefer: odata.continue-on-error`. Only GET can be in one; change sets and batches in batches cannot.
//! Service protection counts the whole as one request, by the time it takes.

use std::sync::PoisonError;

use axum::http::Method;

use super::answer::{Call, Reply};
use super::fault::Fault;
use crate::error::ServiceError;

/// Most requests in one batch.
const MOST: usize = 1000;
/// The longest address in a batch.
const LONGEST_URL: usize = 65_536;
/// Divides the parts of an answer.
const BOUNDARY: &str = "batchresponse_5e1f0000-0000-4000-8000-000000000001";

/// One part of a batch as it was sent.
pub(super) struct Part {
    pub(super) method: String,
    pub(super) address: String,
}

/// The parts of a batch, or what is wrong with it.
pub(super) fn parts(content_type: &str, body: &str) -> Result<Vec<Part>, String> {
    let boundary = content_type
        .strip_prefix("multipart/mixed;")
        .and_then(|rest| rest.trim().strip_prefix("boundary="))
        .map(|value| value.trim_matches('"'))
        .filter(|value| !value.is_empty())
        .ok_or("The content type must be multipart/mixed with a boundary.")?;
    let lines: Vec<&str> = body.split("\r\n").collect();
    let (delimiter, end) = (format!("--{boundary}"), format!("--{boundary}--"));
    if lines.first() != Some(&delimiter.as_str()) || !lines.contains(&end.as_str()) {
        return Err("The batch does not begin or end with its boundary.".to_owned());
    }
    let whole = &lines[..lines.iter().position(|line| *line == end).unwrap_or_default()];
    let pieces = whole.split(|line| *line == delimiter).skip(1);
    pieces
        .map(|piece| {
            let mut fields = piece.iter().take_while(|line| !line.is_empty());
            if !fields.any(|line| line.eq_ignore_ascii_case("content-type: application/http")) {
                return Err("A part must be application/http.".to_owned());
            }
            let mut request = piece.iter().skip_while(|line| !line.is_empty()).skip(1);
            let line: Vec<&str> = request
                .next()
                .map(|line| line.split(' ').collect())
                .unwrap_or_default();
            // The head of the request within must end, too.
            match (&line[..], request.any(|line| line.is_empty())) {
                ([method, address, "HTTP/1.1"], true) => Ok(Part {
                    method: (*method).to_owned(),
                    address: (*address).to_owned(),
                }),
                _ => Err("A part is no HTTP request.".to_owned()),
            }
        })
        .collect()
}

impl Call<'_> {
    /// Answers a batch.
    pub(super) fn batch(&self) -> Result<Reply, ServiceError> {
        if self.method != Method::POST {
            return Err(ServiceError::new(405, "0x80060888", "A batch must be posted."));
        }
        let bad = |what: &str| ServiceError::new(400, "0x80048d19", format!("Error in batch: {what}"));
        let parts = self.parts.as_ref().map_err(|what| bad(what))?;
        if parts.len() > MOST {
            return Err(bad(&format!(
                "{} requests exceed the limit of {MOST}.",
                parts.len()
            )));
        }
        let mut body = String::new();
        let mut status = 200;
        for part in parts {
            let (part_status, text) = match self.part(part) {
                Ok(text) => (200, text),
                Err(error) => (error.status, error.body()),
            };
            body.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
                 HTTP/1.1 {part_status} {}\r\nContent-Type: application/json; odata.metadata=minimal\r\n\
                 OData-Version: 4.0\r\n\r\n{text}\r\n",
                if part_status == 200 { "OK" } else { "Error" }
            ));
            if part_status != 200 && !self.preferences.continue_on_error {
                status = part_status;
                break;
            }
        }
        body.push_str(&format!("--{BOUNDARY}--\r\n"));
        Ok(Reply {
            status,
            body: body.into_bytes(),
            content: "multipart/mixed; boundary=batchresponse_5e1f0000-0000-4000-8000-000000000001",
        })
    }

    fn part(&self, part: &Part) -> Result<String, ServiceError> {
        if part.method != "GET" {
            let message = format!("This double only answers GET in a batch, not {}.", part.method);
            return Err(ServiceError::new(405, "0x80060888", message));
        }
        if part.address.len() > LONGEST_URL {
            return Err(ServiceError::new(414, "", "The request URI is too long."));
        }
        let call = self.inner(&part.address);
        let Some(resource) = &call.resource else {
            return Err(ServiceError::new(404, "", "The resource cannot be found."));
        };
        let piece = resource.split('/').next().unwrap_or_default();
        let faults = self
            .shared
            .script
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next_part(piece);
        for fault in &faults {
            if let Some(error) = self.error_of(fault) {
                return Err(error);
            }
            if *fault == Fault::MalformedJson {
                return Ok("{\"RolePrivileges\":[{".to_owned());
            }
        }
        if resource == "$batch" {
            return Err(ServiceError::new(
                400,
                "0x80060888",
                "A batch cannot hold a batch.",
            ));
        }
        call.route(resource)
            .map(|body| String::from_utf8_lossy(&body).into_owned())
    }
}
