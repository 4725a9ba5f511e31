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
    [string] $EnvironmentUrl = '@URL@',
    [switch] $Apply,
    [string] $LogFile = 'clearance-plan.log'
)

# @ABOUT@

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

