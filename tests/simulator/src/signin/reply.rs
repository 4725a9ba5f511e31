//! Answers of the service.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    body: String,
    json: bool,
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            body: body.to_string(),
            json: true,
        }
    }

    /// An error as Entra writes it: the number also in the text, and ids and a time behind it.
    pub(super) fn refusal(status: u16, code: u64, error: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::json(
            status,
            &json!({
                "error": error,
                "error_description": format!(
                    "AADSTS{code}: {text}\r\nTrace ID: 7b1f7a5e-5a3d-4f0e-9a6b-1f2e3d4c5b00\r\nCorrelation ID: 2f1d0c9b-8a7e-4d6f-b5c4-a3b2c1d0e0f0\r\nTimestamp: 2026-11-23 08:00:00Z"
                ),
                "error_codes": [code],
                "timestamp": "2026-11-23 08:00:00Z",
                "trace_id": "7b1f7a5e-5a3d-4f0e-9a6b-1f2e3d4c5b00",
                "correlation_id": "2f1d0c9b-8a7e-4d6f-b5c4-a3b2c1d0e0f0",
                "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
            }),
        )
    }

    /// A page of a gateway or web server, and no answer of the service.
    pub(super) fn page(status: u16) -> Self {
        Self {
            status,
            body: format!("<html><body><h1>{status}</h1></body></html>"),
            json: false,
        }
    }

    pub(super) fn respond(self, now: Timestamp) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let content = if self.json {
            "application/json"
        } else {
            "text/html"
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
        let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::from_str(&date) {
            headers.insert(header::DATE, date);
        }
        response
    }
}
