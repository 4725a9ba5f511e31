//! `PATCH set(id)`: columns of one record.
//!
//! A column that cannot be written is passed over without an error, as the vendor says of every kind of
//! table (page on the organization table, read 2026-11-27); one that does not exist, or a value that is none
//! of its options, is refused. Which columns can be written: the vendor's table reference of mailbox and
//! role (2023) and of systemuser (2018). The text of the refusals is recalled.
//!
//! A test of the mailbox that is asked for (`testemailconfigurationscheduled`) has its result at once; the
//! service takes minutes.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::store::Store;
use super::write::{key, missing};
use crate::cell::Kind;
use crate::error::ServiceError;
use crate::tables::Mailbox;
use crate::tenant::Tenant;

/// Sets what the body says.
pub(super) fn set(
    tenant: &mut Tenant,
    store: &Store,
    table: usize,
    id: Uuid,
    body: &Value,
) -> Result<(), ServiceError> {
    let table = &store.tables()[table];
    for (property, value) in body.as_object().into_iter().flatten() {
        if let Some(column) = property.strip_suffix("@odata.bind") {
            bind(tenant, table.name, id, column, value)?;
            continue;
        }
        let field = table
            .property(property)
            .ok_or_else(|| ServiceError::unknown_property(property, table.name))?;
        let kind = table.fields[field].kind;
        let fits = match kind {
            Kind::Lookup(..) => {
                let message = "CRM do not support direct update of Entity Reference properties, Use Navigation \
                               properties instead.";
                return Err(ServiceError::new(400, "0x80048d19", message));
            }
            Kind::Choice(options) => {
                let known = |value: i64| options.iter().any(|(option, _)| i64::from(*option) == value);
                value.is_null() || value.as_i64().is_some_and(known)
            }
            Kind::Int => value.is_null() || value.is_i64(),
            Kind::Bool => value.is_null() || value.is_boolean(),
            Kind::Key | Kind::Guid | Kind::Text | Kind::Date | Kind::Hidden => {
                value.is_null() || value.is_string()
            }
        };
        if !fits {
            let message = format!(
                "A validation error occurred. The value {value} of '{property}' on record of type '{}' is \
                 outside the valid range.",
                table.name
            );
            return Err(ServiceError::new(400, "0x80048408", message));
        }
        column(tenant, table.name, id, property, value);
    }
    Ok(())
}

/// Sets one column, if it is one that can be written.
fn column(tenant: &mut Tenant, table: &str, id: Uuid, name: &str, value: &Value) {
    let number = value.as_i64().and_then(|value| i32::try_from(value).ok());
    match (table, name) {
        ("systemuser", "accessmode") => {
            if let Some(user) = tenant.user_mut(id) {
                user.accessmode = number;
            }
        }
        ("role", "isinherited") => {
            // The copies below the root follow it; the root itself is the one that can be changed. Recalled.
            for role in &mut tenant.roles {
                if role.parentrootroleid == Some(id) || role.roleid == id {
                    role.isinherited = number;
                }
            }
        }
        ("mailbox", _) => {
            let asks = tenant.organization.requireapprovalforuseremail != Some(false);
            if let Some(mailbox) = tenant.mailboxes.iter_mut().find(|row| row.mailboxid == id) {
                column_of_mailbox(mailbox, asks, name, value, number);
            }
        }
        _ => {}
    }
}

fn column_of_mailbox(mailbox: &mut Mailbox, asks: bool, name: &str, value: &Value, number: Option<i32>) {
    match name {
        "incomingemaildeliverymethod" => mailbox.incomingemaildeliverymethod = number,
        "outgoingemaildeliverymethod" => mailbox.outgoingemaildeliverymethod = number,
        "actdeliverymethod" => mailbox.actdeliverymethod = number,
        "emailrouteraccessapproval" => mailbox.emailrouteraccessapproval = number,
        "statecode" => mailbox.statecode = number,
        "statuscode" => mailbox.statuscode = number,
        "testemailconfigurationscheduled" if value == &Value::Bool(true) => test(mailbox, asks),
        _ => {}
    }
}

/// *Test & Enable Mailbox*, with the result that it has when Exchange lets the service in.
fn test(mailbox: &mut Mailbox, asks: bool) {
    let approved = !asks || mailbox.emailrouteraccessapproval == Some(1);
    let able = approved && mailbox.emailserverprofile.is_some() && mailbox.statecode != Some(1);
    let result = Some(if able { 1 } else { 2 });
    if mailbox.incomingemaildeliverymethod == Some(2) {
        mailbox.incomingemailstatus = result;
        mailbox.enabledforincomingemail = Some(able);
    }
    if mailbox.outgoingemaildeliverymethod == Some(2) {
        mailbox.outgoingemailstatus = result;
        mailbox.enabledforoutgoingemail = Some(able);
    }
    if mailbox.actdeliverymethod == Some(1) {
        mailbox.actstatus = result;
        mailbox.enabledforact = Some(able);
    }
    mailbox.testemailconfigurationscheduled = Some(false);
    mailbox.testmailboxaccesscompletedon = Some(Timestamp::now());
}

/// Sets a lookup: `"navigation@odata.bind": "/set(identifier)"`, or null.
fn bind(
    tenant: &mut Tenant,
    table: &str,
    id: Uuid,
    navigation: &str,
    value: &Value,
) -> Result<(), ServiceError> {
    if (table, navigation) != ("mailbox", "emailserverprofile") {
        return Err(ServiceError::unknown_property(navigation, table));
    }
    let profile = match value {
        Value::Null => None,
        Value::String(path) => match key(path.trim_start_matches('/')) {
            Some(("emailserverprofiles", profile)) => Some(profile),
            _ => {
                return Err(ServiceError::bad_query(format!(
                    "Bad Request - '{path}' is not an email server profile."
                )));
            }
        },
        _ => return Err(ServiceError::bad_query("Bad Request - a link is a text.")),
    };
    if let Some(profile) = profile
        && !tenant
            .profiles
            .iter()
            .any(|row| row.emailserverprofileid == profile)
    {
        return Err(missing("emailserverprofile", profile));
    }
    if let Some(mailbox) = tenant.mailboxes.iter_mut().find(|row| row.mailboxid == id) {
        mailbox.emailserverprofile = profile;
    }
    Ok(())
}
