//! The token endpoint.

use serde_json::json;

use super::reply::Reply;
use super::{Asked, assertion, device};

/// Which of the two services is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Entra,
    AdFs,
}

/// Answers a request for a token.
pub(super) fn give(asked: &Asked<'_>, kind: Kind) -> Reply {
    let behaviour = &asked.shared.behaviour;
    if let Some((code, error, text)) = &behaviour.refusal {
        let sent = [
            "client_secret",
            "client_assertion",
            "device_code",
            "refresh_token",
        ];
        let sent = sent.map(|name| asked.field(name)).concat();
        return Reply::refusal(400, *code, error, text.replace("{sent}", &sent));
    }
    let grant = asked.field("grant_type");
    if let Err(refusal) = known_client(asked) {
        return refusal;
    }
    match grant {
        "client_credentials" => application(asked, kind),
        "urn:ietf:params:oauth:grant-type:device_code" => device::poll(asked, kind),
        "refresh_token" => {
            if !asked.shared.tokens.take_refresh(asked.field("refresh_token")) || !behaviour.refreshable {
                return Reply::refusal(
                    400,
                    700_082,
                    "invalid_grant",
                    "The refresh token has expired due to inactivity.",
                );
            }
            match wanted(asked, kind, "user_impersonation") {
                Ok(resource) => signed_in(asked, &resource),
                Err(refusal) => refusal,
            }
        }
        _ => Reply::refusal(
            400,
            70003,
            "unsupported_grant_type",
            format!("The app requested an unsupported grant type '{grant}'."),
        ),
    }
}

/// Refuses applications that are not here.
pub(super) fn known_client(asked: &Asked<'_>) -> Result<(), Reply> {
    let behaviour = &asked.shared.behaviour;
    let client = asked.field("client_id");
    // Microsoft's own public application is in every tenant.
    if client == behaviour.client || client == "51f81489-12ee-4a9e-aaae-a2591f45987d" {
        return Ok(());
    }
    Err(Reply::refusal(
        400,
        700_016,
        "unauthorized_client",
        format!(
            "Application with identifier '{client}' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
        ),
    ))
}

/// What a token is asked for.
pub(super) fn wanted(asked: &Asked<'_>, kind: Kind, permission: &str) -> Result<String, Reply> {
    let found = match kind {
        Kind::Entra => asked
            .field("scope")
            .split(' ')
            .find_map(|scope| scope.strip_suffix(permission)?.strip_suffix('/')),
        Kind::AdFs => Some(asked.field("resource")).filter(|resource| !resource.is_empty()),
    };
    found.map(str::to_owned).ok_or_else(|| {
        Reply::refusal(
            400,
            70011,
            "invalid_scope",
            format!(
                "The provided value for the input parameter 'scope' is not valid. {}",
                asked.field("scope")
            ),
        )
    })
}

fn application(asked: &Asked<'_>, kind: Kind) -> Reply {
    let behaviour = &asked.shared.behaviour;
    let proof = if asked.fields.contains_key("client_assertion") {
        assertion::check(asked, kind)
    } else if asked.field("client_secret") == behaviour.secret {
        Ok(())
    } else if asked.fields.contains_key("client_secret") {
        Err(Reply::refusal(
            401,
            7_000_215,
            "invalid_client",
            // The real one does not repeat the secret; a client must not rely on that.
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'. It was {}.",
                behaviour.client,
                asked.field("client_secret")
            ),
        ))
    } else {
        Err(Reply::refusal(
            401,
            7_000_218,
            "invalid_client",
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ))
    };
    let resource = proof.and_then(|()| wanted(asked, kind, ".default"));
    match resource {
        Ok(resource) => {
            let token = asked
                .shared
                .tokens
                .give(&resource, asked.shared.now().as_second());
            Reply::json(
                200,
                &json!({
                    "token_type": "Bearer",
                    "expires_in": behaviour.lifetime,
                    "ext_expires_in": behaviour.lifetime,
                    "access_token": token,
                }),
            )
        }
        Err(refusal) => refusal,
    }
}

/// The answer to a person who has signed in.
pub(super) fn signed_in(asked: &Asked<'_>, resource: &str) -> Reply {
    let shared = asked.shared;
    let mut body = json!({
        "token_type": "Bearer",
        "scope": format!("{resource}/user_impersonation"),
        "expires_in": shared.behaviour.lifetime,
        "access_token": shared.tokens.give(resource, shared.now().as_second()),
    });
    // AD FS gives one always, Entra if it is asked.
    if !asked.path.starts_with("/adfs/") && !shared.devices.asked_offline() {
        return Reply::json(200, &body);
    }
    body["refresh_token"] = shared.tokens.give_refresh().into();
    Reply::json(200, &body)
}
