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
    [string] $EnvironmentUrl = '@URL@',
    [securestring] $Token,
    [switch] $Apply,
    [string] $LogFile = 'clearance-plan.log'
)

# @ABOUT@

$ApiVersion = '@VERSION@'
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

