//! A role that may read what the collector reads, as an unpacked solution that SolutionPackager and
//! `pac solution pack` make a solution of.
//!
//! The form is that of unpacked exports which the vendor publishes: `Roles/NAME.xml` with
//! `RolePrivilege` elements, a component of type 20 in `Other/Solution.xml`, and the frame of
//! `Other/Customizations.xml` (microsoft/coe-starter-kit,
//! `CenterofExcellenceCoreComponents/SolutionPackage/src`, read 2026-11-23). The blank addresses of
//! the publisher are in every export that was seen, so they are here. It was not tried with the
//! tools or a live environment.

use std::fmt::Write as _;

/// The role's name.
pub const NAME: &str = "Clearance Reader";

/// The role's id: always the same, so that importing anew changes the role and makes no second.
pub const ID: &str = "5a24e6bb-2431-4999-b419-1293be0008cc";

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The files of the solution, by their paths in its folder: the role holds these privileges at
/// Organization depth.
#[must_use]
pub fn files(privileges: &[&str]) -> Vec<(String, String)> {
    vec![
        ("Other/Customizations.xml".to_owned(), customizations()),
        ("Other/Solution.xml".to_owned(), solution()),
        (format!("Roles/{NAME}.xml"), role(privileges)),
    ]
}

fn role(privileges: &[&str]) -> String {
    let mut sorted = privileges.to_vec();
    sorted.sort_unstable();
    let mut text = format!(
        "{HEAD}<Role id=\"{{{ID}}}\" name=\"{NAME}\" isinherited=\"1\" xmlns:xsi=\"{XSI}\">\n  \
         <IsCustomizable>1</IsCustomizable>\n  <RolePrivileges>\n"
    );
    for name in sorted {
        let _ = writeln!(
            text,
            "    <RolePrivilege name=\"{}\" level=\"Global\" />",
            escape(name)
        );
    }
    text.push_str("  </RolePrivileges>\n</Role>\n");
    text
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

fn customizations() -> String {
    let mut text = format!("{HEAD}<ImportExportXml xmlns:xsi=\"{XSI}\">\n");
    for part in [
        "Entities",
        "Roles",
        "Workflows",
        "FieldSecurityProfiles",
        "Templates",
        "EntityMaps",
        "EntityRelationships",
        "OrganizationSettings",
        "optionsets",
        "CustomControls",
        "EntityDataProviders",
    ] {
        let _ = writeln!(text, "  <{part} />");
    }
    text.push_str("  <Languages>\n    <Language>1033</Language>\n  </Languages>\n</ImportExportXml>\n");
    text
}

/// The version of the platform is a low one on purpose: that an environment refuses what comes from
/// a later one than its own is remembered, and was found in no source.
fn solution() -> String {
    let mut text = format!(
        "{HEAD}<ImportExportXml version=\"9.1.0.0\" SolutionPackageVersion=\"9.1\" languagecode=\"1033\" \
         generatedBy=\"CrmLive\" xmlns:xsi=\"{XSI}\">\n  <SolutionManifest>\n    \
         <UniqueName>ClearanceReader</UniqueName>\n{}    <Descriptions>\n      <Description \
         description=\"A role that may read what clearance collects, and nothing else.\" languagecode=\"1033\" />\n    \
         </Descriptions>\n    <Version>1.0.0.0</Version>\n    <Managed>0</Managed>\n    <Publisher>\n      \
         <UniqueName>clearance</UniqueName>\n      <LocalizedNames>\n        <LocalizedName description=\"Clearance\" \
         languagecode=\"1033\" />\n      </LocalizedNames>\n      <Descriptions />\n      <EMailAddress \
         xsi:nil=\"true\"></EMailAddress>\n      <SupportingWebsiteUrl xsi:nil=\"true\"></SupportingWebsiteUrl>\n      \
         <CustomizationPrefix>clr</CustomizationPrefix>\n      \
         <CustomizationOptionValuePrefix>52410</CustomizationOptionValuePrefix>\n      <Addresses>\n",
        format_args!(
            "    <LocalizedNames>\n      <LocalizedName description=\"{NAME}\" languagecode=\"1033\" />\n    \
             </LocalizedNames>\n"
        )
    );
    for number in ["1", "2"] {
        address(number, &mut text);
    }
    let _ = write!(
        text,
        "      </Addresses>\n    </Publisher>\n    <RootComponents>\n      <RootComponent type=\"20\" id=\"{{{ID}}}\" \
         behavior=\"0\" />\n    </RootComponents>\n    <MissingDependencies />\n  </SolutionManifest>\n\
         </ImportExportXml>\n"
    );
    text
}

/// An address of the publisher, without anything in it.
fn address(number: &str, text: &mut String) {
    text.push_str("        <Address>\n");
    for (name, value) in [
        ("AddressNumber", number),
        ("AddressTypeCode", "1"),
        ("City", ""),
        ("County", ""),
        ("Country", ""),
        ("Fax", ""),
        ("FreightTermsCode", ""),
        ("ImportSequenceNumber", ""),
        ("Latitude", ""),
        ("Line1", ""),
        ("Line2", ""),
        ("Line3", ""),
        ("Longitude", ""),
        ("Name", ""),
        ("PostalCode", ""),
        ("PostOfficeBox", ""),
        ("PrimaryContactName", ""),
        ("ShippingMethodCode", "1"),
        ("StateOrProvince", ""),
        ("Telephone1", ""),
        ("Telephone2", ""),
        ("Telephone3", ""),
        ("TimeZoneRuleVersionNumber", ""),
        ("UPSZone", ""),
        ("UTCOffset", ""),
        ("UTCConversionTimeZoneCode", ""),
    ] {
        let _ = match value {
            "" => writeln!(text, "          <{name} xsi:nil=\"true\"></{name}>"),
            value => writeln!(text, "          <{name}>{value}</{name}>"),
        };
    }
    text.push_str("        </Address>\n");
}

/// Text for an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
