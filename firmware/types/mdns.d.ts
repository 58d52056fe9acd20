/**
 * What firmware/ports/discovery.ts uses of the SDK's mdns (release 8.2.3, modules/network/mdns); @moddable/typings 5.6.0 has it
 * otherwise. Who imports it refers to this file, so that mcconfig's compiler finds it too.
 */
declare module "mdns" {
  /** A service instance: each part is there once it was heard. */
  export interface Instance {
    /** The first label: what people call it. */
    readonly name: string;
    readonly target?: string;
    readonly address?: string;
    readonly port?: number;
    /** An instance without it is asked for it. */
    txt?: readonly string[];
  }
  /** The instances of one service type, in the order in which they were heard. */
  export interface Monitor extends Array<Instance> {
    /** The service type and ".local". */
    readonly service: string;
  }
  type Listener = (service: string, instance: Instance) => void;

  /** A UDP socket of the SDK that has joined the group of mDNS. */
  class MDNS {
    /** Throws where there is no network, or no socket. */
    constructor(options: object);
    readonly monitors: readonly Monitor[];
    /** Asks for this type of service from now on. */
    monitor(service: string, listener: Listener): void;
    /** Throws where `listener` does not monitor it. */
    remove(service: string, listener: Listener): void;
    /** Throws where there are monitors. */
    close(): void;
    /** The packet that `callback` was told of. */
    read(type: ArrayBufferConstructor): ArrayBuffer;
    /** What the socket calls; `message` 2: there is a packet. */
    callback(message: number, bytes?: number, address?: string, port?: number): void;
  }
  export default MDNS;
}
