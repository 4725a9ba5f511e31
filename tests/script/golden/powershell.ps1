#Requires -Version 5.1
<#
.SYNOPSIS
Shows, and with -Apply carries out, what was planned for Dynamics 365 App for Outlook.

.DESCRIPTION
Without -Apply nothing is changed: every step is shown, and if there is a token, whether it is so already.
With -Apply you are asked before each action (-Confirm:$false asks nothing). Each step is first looked
up: what is so already is left alone. After its request it is looked up again, as the service passes over
some changes without a word. The first step that fails ends the script and is named; run the script again
when its cause is gone, and it goes on from there.

What is to be done by hand is shown with the clicks. Do it before you let the next action go on.

.PARAMETER EnvironmentUrl
Address of the environment.

.PARAMETER Token
An access token for the environment. Without it the variable CLEARANCE_TOKEN is taken. With the Azure CLI:
  $env:CLEARANCE_TOKEN = az account get-access-token --resource ENVIRONMENT --query accessToken --output tsv

.PARAMETER Apply
Carries the steps out.

.PARAMETER LogFile
Where -Apply writes down what it did.

.NOTES
The steps stand below as data, three lines each. step: its number, whom it is about and what happens. send:
method, path and body of the request; {api} stands for the address of the Web API. look: the query that
shows whether it is so, and what it shows then: a row (present), none (absent), a privilege at least so deep
(depth 1 User, 2 Business Unit, 4 Parent: Child Business Units, 8 Organization), or these values.
Names are only there to be read; no request has one.
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [string] $EnvironmentUrl = 'http://127.0.0.1:47821',
    [securestring] $Token,
    [switch] $Apply,
    [string] $LogFile = 'clearance-plan.log'
)

#   Environment: contoso, http://127.0.0.1:47821
#   As it was on DAY, when it was collected
#   Written by clearance VERSION

$ApiVersion = 'v9.2'
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$Actions = New-Object System.Collections.ArrayList

# Reads the lines of one action. They are data: nothing in them is run.
function Add-Action {
    param([string] $Lines)
    $action = $null
    $step = $null
    $hand = $null
    foreach ($text in ($Lines -split '\r?\n')) {
        $f = $text -split ' \| '
        switch ($f[0]) {
            'action' {
                $action = @{ Number = $f[1]; Key = $f[2]; Title = $f[3] }
                foreach ($list in 'Steps', 'Notes', 'Hands') { $action[$list] = New-Object System.Collections.ArrayList }
            }
            'note' { [void] $action.Notes.Add($f[1]) }
            'step' {
                $step = @{ Number = $f[1]; About = $f[2] }
                [void] $action.Steps.Add($step)
            }
            'send' {
                $step.Method = $f[1]
                $step.Path = $f[2]
                $step.Body = if ($f[3] -eq '-') { '' } else { $f[3] }
            }
            'look' {
                $step.Check = $f[1]
                $step.Want = $f[2]
            }
            'hand' {
                $hand = @{ Number = $f[1]; Clicks = $f[2]; For = New-Object System.Collections.ArrayList }
                [void] $action.Hands.Add($hand)
            }
            'for' { [void] $hand.For.Add($f[1]) }
        }
    }
    [void] $Actions.Add($action)
}

#region Action 1 of 7
Add-Action @'
action | 1 | assign-role/app-for-outlook | Give the role Dynamics 365 App for Outlook User to 1 user
step | 1.1 | Dagmar Ferrari (dagmar.ferrari@contoso.example): gets role Dynamics 365 App for Outlook User (copy in East)
send | POST | systemusers(3c678ce5-a115-4a50-b6ec-722a8caf36e6)/systemuserroles_association/$ref | {"@odata.id":"{api}roles(a72a7b7a-e281-4e96-8e5c-5ad7c28880b3)"}
look | systemuserrolescollection?$select=roleid&$filter=systemuserid%20eq%203c678ce5-a115-4a50-b6ec-722a8caf36e6%20and%20roleid%20eq%20a72a7b7a-e281-4e96-8e5c-5ad7c28880b3 | present
'@
#endregion

#region Action 2 of 7
Add-Action @'
action | 2 | change-role/app-for-outlook | Make the role Dynamics 365 App for Outlook User reach further
step | 2.1 | role Dynamics 365 App for Outlook User: gets prvReadMailbox at Organization level
send | POST | roles(8ee8abef-1233-4560-9ed5-aee93c5acfc6)/Microsoft.Dynamics.CRM.AddPrivilegesRole | {"Privileges":[{"BusinessUnitId":"56e84498-e8b0-4635-b015-60ad31bb9977","Depth":"Global","PrivilegeId":"cf6b2d01-ff1d-4768-871e-b34fa43396ae"}]}
look | roleprivilegescollection?$select=privilegedepthmask&$filter=roleid%20eq%208ee8abef-1233-4560-9ed5-aee93c5acfc6%20and%20privilegeid%20eq%20cf6b2d01-ff1d-4768-871e-b34fa43396ae | depth 8
step | 2.2 | role Dynamics 365 App for Outlook User: member's privilege inheritance becomes Team privileges only
send | PATCH | roles(8ee8abef-1233-4560-9ed5-aee93c5acfc6) | {"isinherited":0}
look | roles?$select=roleid&$filter=_parentrootroleid_value%20eq%208ee8abef-1233-4560-9ed5-aee93c5acfc6%20and%20isinherited%20ne%200 | absent
note | 2.2: no page of Microsoft's was found that says that the copies in other business units follow the root copy
'@
#endregion

#region Action 3 of 7
Add-Action @'
action | 3 | server-side-sync | Switch 1 mailbox to server-side synchronization
note | set `mailbox.actdeliverymethod` to "server-side-sync" of user:Johanna Lorenz: 1 record has this value already
step | 3.1 | Johanna Lorenz (johanna.lorenz@contoso.example): incomingemaildeliverymethod becomes 2 (Server-Side Synchronization)
send | PATCH | mailboxes(4795d9e6-69ee-4894-b631-8fa88b6210e2) | {"incomingemaildeliverymethod":2}
look | mailboxes?$select=incomingemaildeliverymethod&$filter=mailboxid%20eq%204795d9e6-69ee-4894-b631-8fa88b6210e2 | {"incomingemaildeliverymethod":2}
'@
#endregion

#region Action 4 of 7
Add-Action @'
action | 4 | approve-addresses | Approve 1 address
note | set `mailbox.isemailaddressapprovedbyo365admin` to "true" of user:Farid Archie: 1 record has this value already
step | 4.1 | Farid Archie (farid.archie@contoso.example): emailrouteraccessapproval becomes 1 (Approved)
send | PATCH | mailboxes(bdd7cb73-23d3-43e1-be43-4af4e0b72248) | {"emailrouteraccessapproval":1}
look | mailboxes?$select=emailrouteraccessapproval&$filter=mailboxid%20eq%20bdd7cb73-23d3-43e1-be43-4af4e0b72248 | {"emailrouteraccessapproval":1}
note | 4.1: no page of Microsoft's was found that says that setting the column is an approval
'@
#endregion

#region Action 5 of 7
Add-Action @'
action | 5 | test-and-enable | Test & Enable 1 mailbox
note | set `mailbox.actstatus` to "success" of user:Xenia Demir: 1 record has this value already
step | 5.1 | Xenia Demir (xenia.demir@contoso.example): Test & Enable Mailbox
send | PATCH | mailboxes(aa20f8c5-1853-4c1e-a135-1a00f0d62900) | {"testemailconfigurationscheduled":true}
look | mailboxes?$select=incomingemailstatus&$filter=mailboxid%20eq%20aa20f8c5-1853-4c1e-a135-1a00f0d62900 | later {"incomingemailstatus":1}
note | 5.1: no page of Microsoft's was found that says that setting this column asks for the test; whether it succeeds is up to Exchange
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
step | 7.1 | Dagmar Ferrari (dagmar.ferrari@contoso.example): loses role Dynamics 365 App for Outlook User (copy in East)
send | DELETE | systemusers(3c678ce5-a115-4a50-b6ec-722a8caf36e6)/systemuserroles_association(a72a7b7a-e281-4e96-8e5c-5ad7c28880b3)/$ref | -
look | systemuserrolescollection?$select=roleid&$filter=systemuserid%20eq%203c678ce5-a115-4a50-b6ec-722a8caf36e6%20and%20roleid%20eq%20a72a7b7a-e281-4e96-8e5c-5ad7c28880b3 | absent
'@
#endregion

$Api = $EnvironmentUrl.TrimEnd('/') + '/api/data/' + $ApiVersion + '/'
$Headers = $null

# Asks again when the service says that there were too many requests; then nothing was done yet.
function Invoke-Patiently {
    param([scriptblock] $Request)
    for ($attempt = 1; $attempt -le 5; $attempt++) {
        try {
            return & $Request
        } catch {
            $response = $_.Exception.Response
            if (-not $response -or [int] $response.StatusCode -ne 429) { throw }
            $seconds = 30
            try { $seconds = [int] @($response.Headers.GetValues('Retry-After'))[0] } catch { $seconds = 30 }
            Write-Host "    the service asks to wait $seconds s"
            Start-Sleep -Seconds ([Math]::Max(1, [Math]::Min($seconds, 600)))
        }
    }
    throw 'The service went on asking to wait.'
}

# Reads. The only other place that sends anything is Send-Change.
function Read-Dataverse {
    param([string] $Path)
    Invoke-Patiently { Invoke-RestMethod -Method Get -Uri ($Api + $Path) -Headers $Headers }
}

# Whether a step is so already.
function Test-Step {
    param([hashtable] $Step)
    $answer = Read-Dataverse $Step.Check
    # A page to sign in, say, is no answer.
    if ($null -eq $answer.value) { throw 'The answer is none of the Web API. Is the address right, and the token?' }
    $rows = @($answer.value)
    $want = $Step.Want -replace '^later ', ''
    if ($want -eq 'present') { return $rows.Count -gt 0 }
    if ($want -eq 'absent') { return $rows.Count -eq 0 }
    if ($rows.Count -eq 0) { return $false }
    if ($want -like 'depth *') {
        $least = [int] $want.Substring(6)
        return ([int] $rows[0].privilegedepthmask -band 15) -ge $least
    }
    foreach ($property in ($want | ConvertFrom-Json).PSObject.Properties) {
        if ("$($rows[0].($property.Name))" -ne "$($property.Value)") { return $false }
    }
    return $true
}

# Changes. Without -Apply it does nothing but end the script.
function Send-Change {
    param([hashtable] $Step)
    if (-not $Apply) { throw 'Without -Apply nothing is changed.' }
    $uri = $Api + $Step.Path
    $with = $Headers.Clone()
    # A record that is not there is not to be made.
    if ($Step.Method -eq 'PATCH') { $with['If-Match'] = '*' }
    if ($Step.Body) {
        $body = $Step.Body.Replace('{api}', $Api)
        Invoke-Patiently {
            Invoke-RestMethod -Method $Step.Method -Uri $uri -Headers $with -ContentType 'application/json' -Body $body
        } | Out-Null
    } else {
        Invoke-Patiently { Invoke-RestMethod -Method $Step.Method -Uri $uri -Headers $with } | Out-Null
    }
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

# One step: what became of it, in a word or two.
function Invoke-Step {
    param([hashtable] $Step, [bool] $Go)
    if ($Headers -and (Test-Step $Step)) { return 'so already' }
    if (-not $Go) { return 'would be sent' }
    Send-Change $Step
    if ($Step.Want -like 'later *') { return 'asked for' }
    if (-not (Test-Step $Step)) { throw 'The service took the request, but it is as it was before.' }
    return 'done'
}

$safe = '^(https://[A-Za-z0-9.:/_-]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/[A-Za-z0-9._-]*)*)$'
if ($EnvironmentUrl -notmatch $safe) {
    throw 'The address of the environment has to begin with https://, as a token is sent to it.'
}
$plain = if ($Token) {
    [System.Net.NetworkCredential]::new('', $Token).Password
} else {
    $env:CLEARANCE_TOKEN
}
if ($plain) {
    # Windows PowerShell may have older versions of TLS only, unless it is told.
    [System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor 3072
    $Headers = @{
        'Authorization' = 'Bearer ' + $plain.Trim()
        'Accept' = 'application/json'
        'OData-Version' = '4.0'
        'OData-MaxVersion' = '4.0'
    }
} elseif ($Apply) {
    throw 'There is no token: give -Token, or set the variable CLEARANCE_TOKEN. Get-Help on this script shows how.'
}

$counts = @{ 'done' = 0; 'asked for' = 0; 'so already' = 0; 'would be sent' = 0 }
$hands = 0
$failure = $null
foreach ($action in $Actions) {
    Write-Line ''
    Write-Line "Action $($action.Number): $($action.Title)  [$($action.Key)]"
    foreach ($note in $action.Notes) { Write-Line "  note: $note" }
    $go = $false
    if ($Apply -and $action.Steps.Count -gt 0) {
        $go = $PSCmdlet.ShouldProcess($EnvironmentUrl, "$($action.Title) ($($action.Steps.Count) steps)")
    }
    foreach ($step in $action.Steps) {
        try {
            $result = Invoke-Step $step $go
        } catch {
            $failure = $_
            $detail = if ($_.ErrorDetails) { $_.ErrorDetails.Message } else { $_.Exception.Message }
            Write-Line "  $($step.Number)  FAILED: $($step.About)"
            Write-Line "    $($step.Method) $($step.Path)"
            Write-Line "    $detail"
            break
        }
        $counts[$result]++
        Write-Line "  $($step.Number)  $($result): $($step.About)"
        if ($result -eq 'would be sent') { Write-Line "    $($step.Method) $($step.Path) $($step.Body)" }
    }
    if ($failure) { break }
    foreach ($hand in $action.Hands) {
        $hands++
        Write-Line "  $($hand.Number)  BY HAND: $($hand.Clicks)"
        foreach ($one in $hand.For) { Write-Line "    $one" }
    }
}

Write-Line ''
Write-Line ("Done: $($counts['done']). Asked for, look again later: $($counts['asked for']). So already: $($counts['so already']). " +
    "Would be sent: $($counts['would be sent']). By hand: $hands.")
if ($failure) {
    Write-Line 'It ended at the step that failed; the steps before it stand, the ones after it were not tried.'
    exit 1
}
if (-not $Apply) { Write-Line 'Nothing was changed. -Apply carries it out.' }
