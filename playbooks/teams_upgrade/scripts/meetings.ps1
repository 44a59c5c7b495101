# Asks for the meetings of the people listed below to be converted.
# Sign in first with Connect-MicrosoftTeams. With -WhatIf it only says what it would do.
# Run it after the grant. Left out: meetings of more than 250 people, mailboxes on your own server.
# Run it once more with -Status, a day later: it writes how far each person's meetings are.
#requires -Version 5.1
param(
    [switch] $WhatIf,
    [switch] $Status,
    [string] $Results = (Join-Path (Get-Location).Path <<results_file>>)
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
if ('é' -ne [string][char]0xE9) {
    throw 'This file was not read as UTF-8. Save it as UTF-8 with BOM and run it again.'
}

$Cohort = <<cohort>>
$People = @(
<<people>>
)

if ($Status) {
    foreach ($Person in $People) {
        $Found = Get-CsMeetingMigrationStatus -Identity $Person.Identity | Select-Object -First 1
        $State = 'None'
        if ($Found) { $State = [string]$Found.Status }
        # After every person, so that a session that ends leaves what was read.
        [pscustomobject]@{ UserPrincipalName = $Person.UserPrincipalName; Identity = $Person.Identity; Status = $State } |
            Export-Csv -LiteralPath $Results -NoTypeInformation -Encoding UTF8 -Append
    }
    Write-Output ('State of meetings: {0}' -f $Results)
    return
}

$Failed = 0
foreach ($Person in $People) {
    if ($WhatIf) {
        Write-Output ('What if: meetings of {0} are converted' -f $Person.Identity)
        continue
    }
    try {
        Start-CsExMeetingMigration -Identity $Person.Identity -SourceMeetingType SfB -TargetMeetingType Teams -Confirm:$false
    }
    catch {
        $Failed += 1
        Write-Warning ('{0}: {1}' -f $Person.Identity, $_.Exception.Message)
    }
}
Write-Output ('{0}: {1} people asked for, {2} refused.' -f $Cohort, $People.Count, $Failed)
if (-not $WhatIf) { Get-CsMeetingMigrationStatus -SummaryOnly }
