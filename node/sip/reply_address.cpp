// libre sends answers to the `maddr` of a Via, so that whoever may call could have them sent, again and
// again, to somebody who never asked. This definition takes the place of its function: answers go back to the
// source of the request (RFC 3261 18.2.2, RFC 3581), `maddr` is for multicast, which is not served.
#include "node/sip/libre.hpp"

extern "C" void sip_reply_addr(struct sa* address, const struct sip_msg* message, bool rport) {
  if (address == nullptr || message == nullptr)
    return;
  *address = message->src;
  if (message->tp == SIP_TRANSP_UDP && !rport)
    sa_set_port(address, sip_transp_port(message->tp, sa_port(&message->via.addr)));
}
