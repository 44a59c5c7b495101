# Grants a mode to the people listed below as one batch, waits for it, and writes what came of it.
# Sign in first with Connect-MicrosoftTeams. With -WhatIf it only says what it would do.
# Run a few batches at a time, and import the file of results when this one is through.
#requires -Version 5.1
param(
    [switch] $WhatIf,
    [string] $Results = (Join-Path (Get-Location).Path <<results_file>>),
    [int] $WaitMinutes = 180
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
if ('é' -ne [string][char]0xE9) {
    throw 'This file was not read as UTF-8. Save it as UTF-8 with BOM and run it again.'
}

$Cohort = <<cohort>>
$Policy = <<policy>>
$Operation = <<operation>>
$People = @(
<<people>>
)

$Identities = @($People | ForEach-Object { $_.Identity })
if ($WhatIf) {
    $People | ForEach-Object { Write-Output ('What if: {0} gets {1}' -f $_.Identity, $Policy) }
    Write-Output ('What if: {0} people of {1} in one batch.' -f $Identities.Count, $Cohort)
    return
}

$Batch = New-CsBatchPolicyAssignmentOperation -PolicyType TeamsUpgradePolicy -PolicyName $Policy -Identity $Identities -OperationName $Operation
$BatchId = [string]$Batch
if ($Batch.PSObject.Properties['OperationId']) { $BatchId = [string]$Batch.OperationId }
Write-Output ('Batch {0}: {1} people of {2}.' -f $BatchId, $Identities.Count, $Cohort)

$Deadline = (Get-Date).AddMinutes($WaitMinutes)
do {
    Start-Sleep -Seconds 30
    $State = Get-CsBatchPolicyAssignmentOperation -OperationId $BatchId
    Write-Output ('{0}: {1}' -f (Get-Date -Format 'HH:mm:ss'), $State.OverallStatus)
} while (($State.OverallStatus -ne 'Completed') -and ((Get-Date) -lt $Deadline))

$Known = @{}
foreach ($Person in $People) { $Known[$Person.Identity] = $Person.UserPrincipalName }
$State.UserState |
    Select-Object @{ Name = 'UserPrincipalName'; Expression = { $Known[[string]$_.Id] } },
        @{ Name = 'Identity'; Expression = { $_.Id } },
        @{ Name = 'Result'; Expression = { $_.Result } },
        @{ Name = 'State'; Expression = { $_.State } } |
    Export-Csv -LiteralPath $Results -NoTypeInformation -Encoding UTF8
Write-Output ('Results: {0}' -f $Results)
if ($State.OverallStatus -ne 'Completed') {
    Write-Warning ('Still running. Look again with the batch {0}.' -f $BatchId)
}
