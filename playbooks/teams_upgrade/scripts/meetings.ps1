# Asks for the meetings of the people listed below to be converted, then shows how far that is.
# Sign in first with Connect-MicrosoftTeams. With -WhatIf it only says what it would do.
# Run it after the grant. Left out: meetings of more than 250 people, mailboxes on your own server.
#requires -Version 5.1
param(
    [switch] $WhatIf
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
