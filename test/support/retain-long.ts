import { connect } from "node:net";

const CHUNK = Buffer.alloc(1 << 16);
const CONNECT = Buffer.from("\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04long", "latin1");

/** Has a broker retain `bytes` of zeros on a topic, and takes no memory for them. */
export function retainLong(port: number, topic: string, bytes: number): Promise<void> {
  const name = Buffer.from(topic);
  const rest = 2 + name.length + 2 + bytes;
  const length: number[] = [];
  for (let left = rest; left > 0; left = Math.floor(left / 128))
    length.push((left % 128) + (left >= 128 ? 128 : 0));
  const head = Buffer.of(0x33, ...length, name.length >> 8, name.length & 0xff, ...name, 0, 1);
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let left = bytes;
    const pump = () => {
      while (left > 0) {
        const part = CHUNK.subarray(0, left);
        left -= part.length;
        if (!socket.write(part)) return void socket.once("drain", pump);
      }
    };
    socket.once("error", reject);
    socket.write(CONNECT);
    socket.once("data", () => {
      socket.write(head);
      pump();
      // PUBACK
      socket.once("data", () => {
        socket.destroy();
        resolve();
      });
    });
  });
}
