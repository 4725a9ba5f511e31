//! Next links: opaque, and valid only as they were given.

use uuid::Uuid;

use crate::error::ServiceError;
use crate::random::hashed;

const BEFORE_CHECK: &str = "%22%20istracking=%22False%22%20check=%22";
const AFTER_CHECK: &str = "%22%20/%3E";
const NO_CHECK: &str = "0000000000000000";

/// Builds the next link's query. The position is the first row of the next page in the table's order. The
/// cookie looks like the service's: XML in XML, the inner one percent-encoded twice, in lower case.
pub(super) fn next_query(
    path: &str,
    query: &str,
    key: &str,
    first: Uuid,
    last: Uuid,
    page: usize,
    at: usize,
) -> String {
    let quoted = |id: Uuid| format!("%2522%257b{}%257d%2522", id.to_string().to_uppercase());
    let cookie = format!(
        "%253ccookie%2520page%253d%2522{}%2522%253e%253c{key}%2520last%253d{}%2520first%253d{}%2520%252f%253e\
         %253c%252fcookie%253e",
        page - 1,
        quoted(last),
        quoted(first),
    );
    let mut kept: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_token(pair))
        .map(encoded)
        .collect();
    kept.push(format!(
        "$skiptoken=%3Ccookie%20pagenumber=%22{page}%22%20pagingcookie=%22{cookie}{BEFORE_CHECK}{at:x}-{NO_CHECK}{AFTER_CHECK}"
    ));
    let unsigned = kept.join("&");
    let check = signature(path, &unsigned);
    unsigned.replace(
        &format!("-{NO_CHECK}{AFTER_CHECK}"),
        &format!("-{check}{AFTER_CHECK}"),
    )
}

/// Page number and position of a request that follows a next link; `None` if it does not follow one.
pub(super) fn position(path: &str, query: &str) -> Result<Option<(usize, usize)>, ServiceError> {
    if !query.split('&').any(is_token) {
        return Ok(None);
    }
    let found = (|| {
        let (before, rest) = query.split_once(BEFORE_CHECK)?;
        let (given, after) = rest.split_once(AFTER_CHECK)?;
        let (at, check) = given.split_once('-')?;
        let unsigned = format!("{before}{BEFORE_CHECK}{at}-{NO_CHECK}{AFTER_CHECK}{after}");
        if signature(path, &unsigned) != check {
            return None;
        }
        let (_, page) = before.rsplit_once("pagenumber=%22")?;
        let (page, _) = page.split_once('%')?;
        Some((page.parse().ok()?, usize::from_str_radix(at, 16).ok()?))
    })();
    let refusal = || ServiceError::new(400, "0x80040203", "Malformed XML in the Paging Cookie");
    found.map(Some).ok_or_else(refusal)
}

fn is_token(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair);
    matches!(name, "$skiptoken" | "%24skiptoken")
}

/// Any change of the address, even one that means the same, changes this.
fn signature(path: &str, query: &str) -> String {
    format!("{:016x}", hashed(&("dataverse", path, query)))
}

/// What any client may send as it is stays; the rest is percent-encoded, so that a careful client has no
/// reason to touch the link.
fn encoded(pair: &str) -> String {
    let mut text = String::with_capacity(pair.len());
    for byte in pair.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~%$=@,():;!*/+?".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
