//! Dataverse double.
