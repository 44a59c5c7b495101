# Grants a mode to the people listed below one by one, and writes what came of it.
# Sign in first with Connect-MicrosoftTeams. With -WhatIf it only says what it would do.
# A session lasts about an hour. Grant nobody twice within 30 minutes.
#requires -Version 5.1
param(
    [switch] $WhatIf,
    [string] $Results = (Join-Path (Get-Location).Path <<results_file>>)
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
if ('é' -ne [string][char]0xE9) {
    throw 'This file was not read as UTF-8. Save it as UTF-8 with BOM and run it again.'
}

$Cohort = <<cohort>>
$Policy = <<policy>>
$People = @(
<<people>>
)

$Number = 0
foreach ($Person in $People) {
    $Number += 1
    $Result = 'Success'
    try {
        Grant-CsTeamsUpgradePolicy -Identity $Person.Identity -PolicyName $Policy -WhatIf:$WhatIf
    }
    catch {
        $Result = $_.Exception.Message
    }
    Write-Output ('{0}/{1} {2}: {3}' -f $Number, $People.Count, $Person.Identity, $Result)
    if (-not $WhatIf) {
        # After every person, so that a session that ends leaves what was done.
        [pscustomobject]@{ UserPrincipalName = $Person.UserPrincipalName; Identity = $Person.Identity; Result = $Result } |
            Export-Csv -LiteralPath $Results -NoTypeInformation -Encoding UTF8 -Append
    }
}
Write-Output ('{0}: {1} people done.' -f $Cohort, $Number)
