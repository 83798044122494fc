// kinesalite 3.3.3, in memory, on a free port that is printed. It ends with its standard input.
import kinesalite from "kinesalite";

const server = kinesalite({ createStreamMs: 5, updateStreamMs: 5, deleteStreamMs: 5, shardLimit: 100 });
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
// It throws at a client that leaves in the middle of a request.
process.on("uncaughtException", (err) => {
  if (err.code !== "ECONNRESET") {
    console.error(err);
    process.exit(1);
  }
});
process.stdin.on("end", () => process.exit(0)).resume();
