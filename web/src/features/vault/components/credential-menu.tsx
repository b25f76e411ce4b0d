import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine, MenuOption } from '../../../ui/menu.tsx'
import { useActiveCredential, useChooseCredential } from '../api/active-credential.ts'
import type { Credential } from '../api/credentials.ts'
import { useVault, type VaultGroup } from '../api/use-vault.ts'
import { credentialName } from '../credential-name.ts'
import { troublesOf, troubleWords } from '../credential-trouble.ts'
import { CredentialLabel } from './credential-label.tsx'

/** All credentials by account behind a button, to choose one of; nothing is ever chosen for the member. */
export function CredentialMenu({ trigger }: { readonly trigger: ReactNode }) {
  const { groups, error, retry } = useVault()
  const { credential, problem } = useActiveCredential()
  const choose = useChooseCredential()
  const chosen = credential?.id ?? ''
  const offered = groups?.filter(isOffered(chosen)) ?? []
  const isNothingChosen = credential === null && problem === null
  return (
    <Menu trigger={trigger}>
      {groups === undefined && error === null && <MenuLabel>Loading your credentials …</MenuLabel>}
      {groups === undefined && error !== null && (
        <MenuItem onSelect={retry}>Your credentials could not be loaded. Try again.</MenuItem>
      )}
      {groups !== undefined && offered.length === 0 && (
        <MenuLabel>There is no credential to choose.</MenuLabel>
      )}
      {offered.map(({ account, credentials }) => (
        <MenuChoice
          key={account.id}
          label={account.account_name}
          value={chosen}
          onChoose={(id) => id !== chosen && choose(id)}
        >
          {credentials.map((each) => (
            <CredentialOption key={each.id} credential={each} />
          ))}
        </MenuChoice>
      ))}
      <MenuLine />
      {!isNothingChosen && <MenuItem onSelect={() => choose(null)}>Choose none</MenuItem>}
      <MenuItem asChild>
        <Link to="/vault">Open the vault</Link>
      </MenuItem>
    </Menu>
  )
}

// Note: a closed account is put away; what was chosen from it before stays in sight.
function isOffered(chosen: string): (group: VaultGroup) => boolean {
  return ({ account, credentials }) =>
    account.is_active ? credentials.length > 0 : credentials.some(({ id }) => id === chosen)
}

function CredentialOption({ credential }: { readonly credential: Credential }) {
  const [trouble] = troublesOf(credential, new Date())
  return (
    <MenuOption
      value={credential.id}
      textValue={credentialName(credential)}
      isDisabled={trouble !== undefined}
    >
      <span className="grid min-w-0">
        <CredentialLabel credential={credential} />
        <span className="text-xs text-ink-soft">
          Key …{credential.key_hint}
          {trouble !== undefined && ` · ${troubleWords[trouble]}`}
        </span>
      </span>
    </MenuOption>
  )
}
