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
