# Puts the people listed below back into the mode they came from. For an emergency only.
# Sign in first with Connect-MicrosoftTeams. With -WhatIf it only says what it would do.
# Meetings that were converted stay converted; people homed in the cloud may be refused.
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
$Policy = <<back_policy>>
$People = @(
<<people>>
)

$Failed = 0
foreach ($Person in $People) {
    try {
        Grant-CsTeamsUpgradePolicy -Identity $Person.Identity -PolicyName $Policy -WhatIf:$WhatIf
    }
    catch {
        $Failed += 1
        Write-Warning ('{0}: {1}' -f $Person.Identity, $_.Exception.Message)
    }
}
Write-Output ('{0}: {1} people, {2} refused.' -f $Cohort, $People.Count, $Failed)
