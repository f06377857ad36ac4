#pragma once

// Every message between the actors of a node, and every actor's typed interface: the organisation chart.
// Rooms, legs and calls are named; only the directory turns a name into a handle. A handle of something that
// lives on another node stands for it here and passes everything on over the link.

#include "actors/directory_protocol.hpp" // directory, links, responder, node root
#include "actors/media_protocol.hpp"     // call, leg, room
