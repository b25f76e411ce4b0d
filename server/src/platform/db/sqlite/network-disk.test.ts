import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { UnfitDiskError } from '../errors.ts'
import { refuseNetworkDisk } from './network-disk.ts'

describe('The folder of an SQLite file', () => {
  it.each([
    ['NFS', 0x6969],
    ['SMB', 0xff534d42],
    ['SMB', 0xfe534d42],
    ['SMB', 0xff534d42 | 0], // as a signed number
  ])('C54: is refused on %s (%d), by its name and with what to do', (name, type) => {
    const refuse = () => refuseNetworkDisk('/srv/outcry', () => type)
    expect(refuse).toThrow(UnfitDiskError)
    expect(refuse).toThrow(
      `/srv/outcry is on a network disk (${name}), where SQLite loses data; keep the database on a local disk, or use PostgreSQL.`,
    )
  })

  it.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['Btrfs', 0x9123683e],
    ['tmpfs', 0x01021994],
    ['overlayfs', 0x794c7630],
    ['9P', 0x01021997],
    ['FUSE', 0x65735546],
    ['ZFS', 0x2fc12fc1],
  ])('C54: is taken on %s', (_name, type) => {
    expect(() => refuseNetworkDisk('/srv/outcry', () => type)).not.toThrow()
  })

  it('C54: is asked of the system', () => {
    expect(() => refuseNetworkDisk(tmpdir())).not.toThrow()
    expect(() => refuseNetworkDisk('/nowhere/at/all')).toThrow('ENOENT')
  })
})
