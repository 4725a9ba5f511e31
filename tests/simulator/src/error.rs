//! Error answers of the service.

use uuid::Uuid;

/// An error answer: status, Dataverse's code, text, and headers that go with it.
#[derive(Clone, Debug)]
pub(crate) struct ServiceError {
    /// HTTP status.
    pub(crate) status: u16,
    /// Code such as `0x80040220`; empty in some of the service's own answers.
    pub(crate) code: &'static str,
    /// Text.
    pub(crate) message: String,
    /// Further headers.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl ServiceError {
    /// An error without further headers.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            headers: Vec::new(),
        }
    }

    /// The query cannot be understood.
    pub(crate) fn bad_query(message: impl Into<String>) -> Self {
        Self::new(400, "0x80060888", message)
    }

    /// A property that the table does not have, or not by that name.
    pub(crate) fn unknown_property(property: &str, table: &str) -> Self {
        let message =
            format!("Could not find a property named '{property}' on type 'Microsoft.Dynamics.CRM.{table}'.");
        Self::new(400, "0x0", message)
    }

    /// An entity set or function that does not exist.
    pub(crate) fn unknown_segment(segment: &str) -> Self {
        Self::new(
            404,
            "0x80060888",
            format!("Resource not found for the segment '{segment}'."),
        )
    }

    /// The caller may not read the table at all.
    pub(crate) fn missing_privilege(caller: Uuid, privilege: &str, id: Uuid, table: &str) -> Self {
        let message = format!(
            "Principal user (Id={caller}, type=8, roleCount=1, privilegeCount=12, accessMode=4) is missing {privilege} \
             privilege (Id={id}) on OTC=0 for entity '{table}' (LocalizedName='{table}'). context.Caller={caller}.",
        );
        Self::new(403, "0x80040220", message)
    }

    /// The body as the service writes it.
    pub(crate) fn body(&self) -> String {
        serde_json::json!({ "error": { "code": self.code, "message": self.message } }).to_string()
    }
}
