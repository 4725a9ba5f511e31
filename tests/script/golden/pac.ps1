#Requires -Version 5.1
<#
.SYNOPSIS
Shows, and with -Apply carries out with pac, what was planned for Dynamics 365 App for Outlook.

.DESCRIPTION
Without -Apply nothing is changed: the commands are shown. With -Apply you are asked before each action
(-Confirm:$false asks nothing). The first command that fails ends the script and is named.

pac can give roles to users. What else the plan has stands here as well, under the number that it has in
the PowerShell script of the same plan, which can do it.

pac does not say whether somebody has a role already; that giving it again does no harm is remembered and
stands in no page of Microsoft's.

.PARAMETER EnvironmentUrl
Address of the environment. Sign in first, as an administrator of it: pac auth create --environment ADDRESS

.PARAMETER Apply
Carries the commands out.

.PARAMETER LogFile
Where -Apply writes down what it did.

.NOTES
The steps stand below as data, one on each line: number, whom it is about, the user, the role's copy.
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [string] $EnvironmentUrl = 'http://127.0.0.1:47821',
    [switch] $Apply,
    [string] $LogFile = 'clearance-plan.log'
)

#   Environment: contoso, http://127.0.0.1:47821
#   As it was on DAY, when it was collected
#   Written by clearance VERSION

$ErrorActionPreference = 'Stop'
$Actions = New-Object System.Collections.ArrayList

# Reads the lines of one action. They are data: nothing in them is run.
function Add-Action {
    param([string] $Lines)
    $action = $null
    foreach ($text in ($Lines -split '\r?\n')) {
        $f = $text -split ' \| '
        switch ($f[0]) {
            'action' {
                $action = @{ Number = $f[1]; Key = $f[2]; Title = $f[3] }
                foreach ($list in 'Steps', 'Others') { $action[$list] = New-Object System.Collections.ArrayList }
            }
            'note' { [void] $action.Others.Add("  note: $($f[1])") }
            'step' { [void] $action.Steps.Add(@{ Number = $f[1]; About = $f[2]; User = $f[3]; Role = $f[4] }) }
            'other' { [void] $action.Others.Add("  $($f[1])  NOT BY PAC: $($f[2]): $($f[3])") }
            'hand' { [void] $action.Others.Add("  $($f[1])  BY HAND: $($f[2])") }
            'for' { [void] $action.Others.Add("    $($f[1])") }
        }
    }
    [void] $Actions.Add($action)
}

#region Action 1 of 7
Add-Action @'
action | 1 | assign-role/app-for-outlook | Give the role Dynamics 365 App for Outlook User to 1 user
step | 1.1 | Dagmar Ferrari (dagmar.ferrari@contoso.example): gets role Dynamics 365 App for Outlook User (copy in East) | 655c3931-9a77-4304-ba82-6b3921339137 | a72a7b7a-e281-4e96-8e5c-5ad7c28880b3
'@
#endregion

#region Action 2 of 7
Add-Action @'
action | 2 | change-role/app-for-outlook | Make the role Dynamics 365 App for Outlook User reach further
other | 2.1 | role Dynamics 365 App for Outlook User: gets prvReadMailbox at Organization level | pac has no command for it
other | 2.2 | role Dynamics 365 App for Outlook User: member's privilege inheritance becomes Team privileges only | pac has no command for it
'@
#endregion

#region Action 3 of 7
Add-Action @'
action | 3 | server-side-sync | Switch 1 mailbox to server-side synchronization
note | set `mailbox.actdeliverymethod` to "server-side-sync" of user:Johanna Lorenz: 1 record has this value already
other | 3.1 | Johanna Lorenz (johanna.lorenz@contoso.example): incomingemaildeliverymethod becomes 2 (Server-Side Synchronization) | pac has no command for it
'@
#endregion

#region Action 4 of 7
Add-Action @'
action | 4 | approve-addresses | Approve 1 address
note | set `mailbox.isemailaddressapprovedbyo365admin` to "true" of user:Farid Archie: 1 record has this value already
other | 4.1 | Farid Archie (farid.archie@contoso.example): emailrouteraccessapproval becomes 1 (Approved) | pac has no command for it
'@
#endregion

#region Action 5 of 7
Add-Action @'
action | 5 | test-and-enable | Test & Enable 1 mailbox
note | set `mailbox.actstatus` to "success" of user:Xenia Demir: 1 record has this value already
other | 5.1 | Xenia Demir (xenia.demir@contoso.example): Test & Enable Mailbox | pac has no command for it
'@
#endregion

#region Action 6 of 7
Add-Action @'
action | 6 | without-approval | Do without the approval of addresses
hand | 6.1 | Power Platform admin centre > the environment > Settings > Email > Email settings
for | the environment: requireapprovalforuseremail becomes false
'@
#endregion

#region Action 7 of 7
Add-Action @'
action | 7 | remove-role/app-for-outlook | Take the role Dynamics 365 App for Outlook User away again
other | 7.1 | Dagmar Ferrari (dagmar.ferrari@contoso.example): loses role Dynamics 365 App for Outlook User (copy in East) | pac has no command for it
'@
#endregion

# Changes. Without -Apply it does nothing but end the script.
function Send-Change {
    param([hashtable] $Step)
    if (-not $Apply) { throw 'Without -Apply nothing is changed.' }
    & pac admin assign-user --environment $EnvironmentUrl --user $Step.User --role $Step.Role | Out-Host
    if ($LASTEXITCODE -ne 0) { throw "pac ended with exit code $LASTEXITCODE." }
}

# Says something, and writes it down if something is changed.
function Write-Line {
    param([string] $Text)
    Write-Host $Text
    if ($Apply -and -not $WhatIfPreference) {
        $line = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ') + ' ' + $Text
        Add-Content -LiteralPath $LogFile -Value $line -Encoding UTF8 -WhatIf:$false -Confirm:$false
    }
}

if ($EnvironmentUrl -notmatch '^https://[A-Za-z0-9.:/_-]+$') {
    throw 'The address of the environment has to begin with https://.'
}
if ($Apply -and -not (Get-Command pac -ErrorAction SilentlyContinue)) {
    throw 'pac was not found. Install the Microsoft Power Platform CLI.'
}

$done = 0
$shown = 0
$others = 0
$failure = $null
foreach ($action in $Actions) {
    Write-Line ''
    Write-Line "Action $($action.Number): $($action.Title)  [$($action.Key)]"
    $go = $false
    if ($Apply -and $action.Steps.Count -gt 0) {
        $go = $PSCmdlet.ShouldProcess($EnvironmentUrl, "$($action.Title) ($($action.Steps.Count) steps)")
    }
    foreach ($step in $action.Steps) {
        if (-not $go) {
            $shown++
            Write-Line "  $($step.Number)  would be run: $($step.About)"
            Write-Line "    pac admin assign-user --environment $EnvironmentUrl --user $($step.User) --role $($step.Role)"
            continue
        }
        try {
            Send-Change $step
        } catch {
            $failure = $_
            Write-Line "  $($step.Number)  FAILED: $($step.About)"
            Write-Line "    $($_.Exception.Message)"
            break
        }
        $done++
        Write-Line "  $($step.Number)  done: $($step.About)"
    }
    if ($failure) { break }
    foreach ($other in $action.Others) {
        if ($other -cmatch '  (NOT BY PAC|BY HAND): ') { $others++ }
        Write-Line $other
    }
}

Write-Line ''
Write-Line "Done: $done. Would be run: $shown. Not by pac: $others."
if ($failure) {
    Write-Line 'It ended at the step that failed; the steps before it stand, the ones after it were not tried.'
    exit 1
}
if (-not $Apply) { Write-Line 'Nothing was changed. -Apply carries it out.' }
