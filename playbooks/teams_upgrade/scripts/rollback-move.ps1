# Moves the people listed below back to a server of your own. For an emergency only.
# Run it in the management shell of the server. With -WhatIf it only says what it would do.
# Meetings that were converted stay converted.
#requires -Version 5.1
param(
    [Parameter(Mandatory = $true)] [string] $Pool,
    [switch] $WhatIf,
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
$Failed = 0
foreach ($Person in $People) {
    try {
        Move-CsUser -Identity $Person.Identity -Target $Pool -Confirm:$false -WhatIf:$WhatIf @More
    }
    catch {
        $Failed += 1
        Write-Warning ('{0}: {1}' -f $Person.Identity, $_.Exception.Message)
    }
}
Write-Output ('{0}: {1} people, {2} refused.' -f $Cohort, $People.Count, $Failed)
