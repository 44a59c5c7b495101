# Moves the people listed below from a server of your own to the cloud, and writes what came of it.
# Run it in the management shell of the server. With -WhatIf it only says what it would do.
# Whoever is moved gets the last mode at once; their meetings are converted with the move.
#requires -Version 5.1
param(
    [switch] $WhatIf,
    [string] $Results = (Join-Path (Get-Location).Path <<results_file>>),
    [string] $Target = 'sipfed.online.lync.com',
    [System.Management.Automation.PSCredential] $Credential,
    [string] $HostedMigrationOverrideUrl
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

$More = @{}
if ($Credential) { $More['Credential'] = $Credential }
if ($HostedMigrationOverrideUrl) { $More['HostedMigrationOverrideUrl'] = $HostedMigrationOverrideUrl }
$Number = 0
foreach ($Person in $People) {
    $Number += 1
    $Result = 'Success'
    try {
        Move-CsUser -Identity $Person.Identity -Target $Target -Confirm:$false -WhatIf:$WhatIf @More
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
