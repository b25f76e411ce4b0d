import {
  CalendarClock,
  Ellipsis,
  History,
  KeyRound,
  MonitorCheck,
  Power,
  ShieldCheck,
  ShieldOff,
  Star,
  StarOff,
  Trash2,
} from 'lucide-react'
import type { ComponentType } from 'react'
import { buttonClass } from '../../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../../ui/menu.tsx'
import { useActiveCredential, useChooseCredential } from '../api/active-credential.ts'
import type { Credential, CredentialChange } from '../api/credentials.ts'
import { credentialName } from '../credential-name.ts'
import { troublesOf } from '../credential-trouble.ts'

/** What a credential's dialogs are about. */
export type CredentialDialogName = 'replace' | 'trading' | 'expiry' | 'uses' | 'delete'

interface CredentialActionsProps {
  readonly credential: Credential
  onOpen(dialog: CredentialDialogName): void
  /** Changes it at once, and says the sentence when that is done. */
  onChange(change: CredentialChange, said: string): void
}

/** Everything that can be done with a credential. */
export function CredentialActions({ credential, onOpen, onChange }: CredentialActionsProps) {
  const name = credentialName(credential)
  const { is_active, is_default } = credential
  return (
    <Menu
      trigger={
        <button type="button" className={buttonClass('quiet', true)} aria-label={`More for ${name}`}>
          <Ellipsis size={20} aria-hidden="true" />
        </button>
      }
    >
      <ChooseItem credential={credential} />
      <Item Icon={KeyRound} onSelect={() => onOpen('replace')}>
        Replace the key …
      </Item>
      <Item
        Icon={Power}
        onSelect={() =>
          onChange({ is_active: !is_active }, `“${name}” is switched ${is_active ? 'off' : 'on'}.`)
        }
      >
        {is_active ? 'Switch off' : 'Switch on'}
      </Item>
      {is_active && (
        <Item
          Icon={is_default ? StarOff : Star}
          onSelect={() =>
            onChange(
              { is_default: !is_default },
              `“${name}” is ${is_default ? 'no longer' : 'now'} the default.`,
            )
          }
        >
          {is_default ? 'No longer the default' : 'Make it the default of its account'}
        </Item>
      )}
      <TradingItem credential={credential} onOpen={onOpen} onChange={onChange} />
      <Item Icon={CalendarClock} onSelect={() => onOpen('expiry')}>
        Set when it expires …
      </Item>
      <Item Icon={History} onSelect={() => onOpen('uses')}>
        See what was done with it
      </Item>
      <MenuLine />
      <Item Icon={Trash2} onSelect={() => onOpen('delete')}>
        Delete …
      </Item>
    </Menu>
  )
}

function ChooseItem({ credential }: { readonly credential: Credential }) {
  const { credential: chosen } = useActiveCredential()
  const choose = useChooseCredential()
  if (chosen?.id === credential.id || troublesOf(credential, new Date()).length > 0) return null
  return (
    <Item Icon={MonitorCheck} onSelect={() => choose(credential.id)}>
      Show it on your desk
    </Item>
  )
}

function TradingItem({ credential, onOpen, onChange }: CredentialActionsProps) {
  if (credential.environment !== 'live') return null
  if (!credential.is_trading_enabled)
    return (
      <Item Icon={ShieldCheck} onSelect={() => onOpen('trading')}>
        Let tokens trade with it …
      </Item>
    )
  const said = `Tokens can no longer trade with “${credentialName(credential)}”.`
  return (
    <Item Icon={ShieldOff} onSelect={() => onChange({ is_trading_enabled: false }, said)}>
      Stop tokens from trading with it
    </Item>
  )
}

interface ItemProps {
  readonly Icon: ComponentType<{ size: number; 'aria-hidden': 'true' }>
  onSelect(): void
  readonly children: string
}

function Item({ Icon, onSelect, children }: ItemProps) {
  return (
    <MenuItem onSelect={onSelect}>
      <Icon size={18} aria-hidden="true" />
      {children}
    </MenuItem>
  )
}
