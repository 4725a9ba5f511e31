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
