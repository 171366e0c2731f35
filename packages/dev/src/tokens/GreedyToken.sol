// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Token} from "./Token.sol";

/// Writes so much down with each transfer that it needs some half a million gas.
contract GreedyToken is Token {
    uint256[] private log;

    function transfer(address to, uint256 value) external returns (bool) {
        for (uint256 i = 0; i < 20; i++) log.push(value);
        move(msg.sender, to, value);
        return true;
    }
}
