# One user's document judged: what fails, what is unknown, and the verdict.
#
# `input` holds the user, the mailbox and its server profile (null where there is none), and the root
# roles by how they reach the user. `data` holds what does not depend on the user: by role, the
# privileges that it grants deep enough (`pass`), and those that it grants above Basic (`strong`).
package clearance

import rego.v1

mailbox := input.mailbox if input.mailbox != null

profile := input.profile if input.profile != null

# --- Access ------------------------------------------------------------------------------------

held := {role | some role in input.direct} | {role | some role in input.inherited} | {role | some role in input.team_only}

reached contains name if {
	some role in input.direct
	some name in data.pass[role]
}

reached contains name if {
	some role in input.inherited
	some name in data.pass[role]
}

perhaps contains name if {
	some role in input.team_only
	some name in data.strong[role]
}

wanted := {name | some name in data.privileges}

unseen if {
	count(held) == 0
	data.group_teams
}

failed contains name if {
	not unseen
	some name in (wanted - reached) - perhaps
}

unknown contains name if {
	not unseen
	some name in perhaps - reached
}

unknown contains name if {
	unseen
	some name in wanted
}

failed contains "group-team-membership-unseen" if unseen

unknown contains "user-has-a-role" if unseen

unknown contains "app-module-shared-with-role" if unseen

failed contains "user-has-a-role" if {
	not unseen
	count(held) == 0
}

shared if {
	some role in held
	data.bound[role]
}

failed contains "app-module-shared-with-role" if {
	count(held) > 0
	not shared
}

failed contains "app-role-held-directly" if {
	some role in held
	data.app_roles[role]
	not app_role_directly
}

app_role_directly if {
	some role in input.direct
	data.app_roles[role]
}

# --- User --------------------------------------------------------------------------------------

failed contains "user-enabled" if input.user.isdisabled == true

unknown contains "user-enabled" if input.user.isdisabled == null

failed contains "user-access-mode-read-write" if {
	input.user.accessmode != null
	input.user.accessmode != 0
}

unknown contains "user-access-mode-read-write" if input.user.accessmode == null

failed contains "user-licensed" if input.user.islicensed == false

unknown contains "user-licensed" if input.user.islicensed == null

# --- Mailbox -----------------------------------------------------------------------------------

failed contains "mailbox-exists" if input.mailbox == null

failed contains "mailbox-belongs-to-user" if {
	mailbox.regardingobjectid != null
	mailbox.regardingobjectid != input.user.systemuserid
}

unknown contains "mailbox-belongs-to-user" if mailbox.regardingobjectid == null

failed contains "mailbox-not-forward" if mailbox.isforwardmailbox == true

failed contains "mailbox-has-server-profile" if mailbox.emailserverprofile == null

failed contains "primary-email-matches-mailbox" if {
	mailbox
	not same_address
}

same_address if {
	input.user.internalemailaddress != null
	mailbox.emailaddress != null
	address := lower(trim_space(input.user.internalemailaddress))
	address != ""
	address == lower(trim_space(mailbox.emailaddress))
}

# Rules of the form "this option has that value".
is_option := {
	"mailbox-active": {"field": "statecode", "values": {0}},
	"incoming-email-by-server-side-sync": {"field": "incomingemaildeliverymethod", "values": {2}},
	"outgoing-email-by-server-side-sync": {"field": "outgoingemaildeliverymethod", "values": {2}},
	"appointments-by-server-side-sync": {"field": "actdeliverymethod", "values": {1}},
	"app-added-to-outlook": {"field": "officeappsdeploymentstatus", "values": {1}},
	"app-deployment-healthy": {"field": "officeappsdeploymentstatus", "values": {0, 1}},
}

failed contains id if {
	mailbox
	some id, check in is_option
	value := mailbox[check.field]
	value != null
	not value in check.values
}

unknown contains id if {
	mailbox
	some id, check in is_option
	mailbox[check.field] == null
}

# Rules that apply where a direction goes by server-side synchronization.
synchronized contains "incoming" if mailbox.incomingemaildeliverymethod in {2, null}

synchronized contains "outgoing" if mailbox.outgoingemaildeliverymethod in {2, null}

synchronized contains "act" if mailbox.actdeliverymethod in {1, null}

certain contains "incoming" if mailbox.incomingemaildeliverymethod == 2

certain contains "outgoing" if mailbox.outgoingemaildeliverymethod == 2

certain contains "act" if mailbox.actdeliverymethod == 1

tests := {
	"incoming-email-test-passed": {"way": "incoming", "field": "incomingemailstatus"},
	"outgoing-email-test-passed": {"way": "outgoing", "field": "outgoingemailstatus"},
	"appointments-test-passed": {"way": "act", "field": "actstatus"},
}

failed contains id if {
	some id, check in tests
	check.way in certain
	not mailbox[check.field] in {1, null}
}

unknown contains id if {
	some id, check in tests
	check.way in synchronized
	mailbox[check.field] != 1
	not id in failed_tests
}

failed_tests contains id if {
	some id, check in tests
	check.way in certain
	not mailbox[check.field] in {1, null}
}

enabled := {
	"incoming-email-enabled": {"way": "incoming", "status": "incomingemailstatus", "field": "enabledforincomingemail"},
	"appointments-enabled": {"way": "act", "status": "actstatus", "field": "enabledforact"},
}

failed contains id if {
	some id, check in enabled
	check.way in certain
	mailbox[check.status] == 1
	mailbox[check.field] == false
}

unknown contains id if {
	some id, check in enabled
	check.way in synchronized
	mailbox[check.status] in {1, null}
	mailbox[check.field] != true
	not surely_off(check)
}

surely_off(check) if {
	check.way in certain
	mailbox[check.status] == 1
	mailbox[check.field] == false
}

failed contains "mailbox-primary-environment" if {
	"act" in certain
	mailbox.orgmarkedasprimaryforexchangesync == false
}

unknown contains "mailbox-primary-environment" if {
	"act" in synchronized
	mailbox.orgmarkedasprimaryforexchangesync == null
}

left_to_client if mailbox.incomingemaildeliverymethod == 1

left_to_client if mailbox.outgoingemaildeliverymethod == 1

left_to_client if mailbox.actdeliverymethod == 0

failed contains "legacy-outlook-client-delivery" if left_to_client

unknown contains "legacy-outlook-client-delivery" if {
	mailbox
	not left_to_client
	some field in ["incomingemaildeliverymethod", "outgoingemaildeliverymethod", "actdeliverymethod"]
	mailbox[field] == null
}

# --- Approval and server profile ---------------------------------------------------------------

failed contains "mailbox-address-approved" if {
	data.requires_approval
	not mailbox.emailrouteraccessapproval in {1, null}
	mailbox
}

unknown contains "mailbox-address-approved" if {
	data.requires_approval
	mailbox.emailrouteraccessapproval == null
}

online if profile.servertype == 3

failed contains "mailbox-address-approved-by-administrator" if {
	data.requires_approval
	online
	mailbox.isemailaddressapprovedbyo365admin == false
}

unknown contains "mailbox-address-approved-by-administrator" if {
	data.requires_approval
	online
	mailbox.isemailaddressapprovedbyo365admin == null
}

failed contains "mailbox-profile-is-exchange" if {
	profile
	not profile.servertype in {0, 2, 3, null}
}

unknown contains "exchange-oauth-enabled" if profile.servertype in {0, 2}

failed contains "exchange-same-tenant" if {
	online
	profile.usedefaulttenantid == false
}

failed contains "exchange-online-profile-server-to-server" if {
	online
	not profile.incomingcredentialretrieval in {2, 7, null}
}

unknown contains "exchange-online-profile-server-to-server" if {
	online
	profile.incomingcredentialretrieval == null
}

# --- Verdict -----------------------------------------------------------------------------------

out_of_scope if input.user.applicationid != null

out_of_scope if input.user.isintegrationuser == true

out_of_scope if not input.user.accessmode in {0, 1, 2, null}

out_of_scope if input.user.isdisabled == true

# Alternatives without `else`, which the virtual machine of regorus 0.14.1 leaves undefined here.
blocked if {
	some id in failed
	data.severity[id] == "blocks"
}

doubtful if {
	some id in unknown
	data.severity[id] == "blocks"
}

limited if {
	some id in failed
	data.severity[id] == "limits"
}

judgement := {"verdict": "out-of-scope", "failed": [], "unknown": []} if out_of_scope

judgement := {"verdict": "blocked", "failed": failed, "unknown": unknown} if {
	not out_of_scope
	blocked
}

judgement := {"verdict": "unknown", "failed": failed, "unknown": unknown} if {
	not out_of_scope
	not blocked
	doubtful
}

judgement := {"verdict": "limited", "failed": failed, "unknown": unknown} if {
	not out_of_scope
	not blocked
	not doubtful
	limited
}

judgement := {"verdict": "ready", "failed": failed, "unknown": unknown} if {
	not out_of_scope
	not blocked
	not doubtful
	not limited
}
