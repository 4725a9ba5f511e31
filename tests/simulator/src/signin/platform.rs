//! Token services of platforms: Azure's metadata service, App Service, GitHub.

use serde_json::json;

use super::Asked;
use super::reply::Reply;

/// The instance metadata service of virtual machines.
pub(super) fn imds(asked: &Asked<'_>) -> Reply {
    let refused =
        |error: &str, text: &str| Reply::json(400, &json!({ "error": error, "error_description": text }));
    if asked.header("metadata") != "true" {
        return refused("invalid_request", "Required metadata header not specified");
    }
    if !asked.header("x-forwarded-for").is_empty() {
        return refused("invalid_request", "The request came through a proxy");
    }
    if asked.field("api-version") != "2018-02-01" || asked.field("resource").is_empty() {
        return refused("invalid_request", "Required query variable missing");
    }
    if !has_identity(asked) {
        return refused("invalid_request", "Identity not found");
    }
    if let Some((code, error, text)) = &asked.shared.behaviour.refusal {
        return Reply::refusal(400, *code, error, text.as_str());
    }
    let (token, end) = token(asked);
    // Numbers are text here.
    Reply::json(
        200,
        &json!({
            "access_token": token,
            "client_id": asked.field("client_id"),
            "expires_in": asked.shared.behaviour.lifetime.to_string(),
            "expires_on": end.to_string(),
            "ext_expires_in": "86399",
            "resource": asked.field("resource"),
            "token_type": "Bearer",
        }),
    )
}

/// The endpoint of App Service, Functions and Container Apps.
pub(super) fn app_service(asked: &Asked<'_>) -> Reply {
    let refused = |status: u16, text: &str| {
        Reply::json(
            status,
            &json!({ "statusCode": status, "message": text, "correlationId": "1" }),
        )
    };
    if asked.header("x-identity-header") != asked.shared.behaviour.identity_header {
        return refused(401, "Unauthorized: the identity header is missing or wrong");
    }
    if asked.field("api-version") != "2019-08-01" || asked.field("resource").is_empty() {
        return refused(400, "Unsupported api-version or missing resource");
    }
    if !has_identity(asked) {
        return refused(
            400,
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        );
    }
    if let Some((code, _, text)) = &asked.shared.behaviour.refusal {
        let header = asked.header("x-identity-header");
        return refused(400, &format!("AADSTS{code}: {}", text.replace("{sent}", header)));
    }
    let (token, end) = token(asked);
    Reply::json(
        200,
        &json!({
            "access_token": token,
            "client_id": asked.field("client_id"),
            "expires_on": end.to_string(),
            "resource": asked.field("resource"),
            "token_type": "Bearer",
        }),
    )
}

/// GitHub's service: an identity token for a job, good for one audience.
pub(super) fn github(asked: &Asked<'_>) -> Reply {
    let behaviour = &asked.shared.behaviour;
    let wanted = behaviour.github.as_ref().map(|token| format!("Bearer {token}"));
    if wanted.is_none_or(|wanted| wanted != asked.header("authorization")) {
        return Reply::json(401, &json!({ "message": "Bad credentials" }));
    }
    if asked.field("audience") != "api://AzureADTokenExchange" || asked.field("api-version") != "2.0" {
        return Reply::json(400, &json!({ "message": "Unexpected audience" }));
    }
    match behaviour.federated.first() {
        Some(token) => Reply::json(200, &json!({ "value": token })),
        None => Reply::json(200, &json!({ "count": 0 })),
    }
}

fn has_identity(asked: &Asked<'_>) -> bool {
    let behaviour = &asked.shared.behaviour;
    match asked.field("client_id") {
        "" => behaviour.system_identity,
        client => behaviour.user_identities.iter().any(|known| known == client),
    }
}

/// A token, and the second at which it ends.
fn token(asked: &Asked<'_>) -> (String, i64) {
    let now = asked.shared.now().as_second();
    let token = asked.shared.tokens.give(asked.field("resource"), now);
    (
        token,
        now.saturating_add_unsigned(asked.shared.behaviour.lifetime),
    )
}
